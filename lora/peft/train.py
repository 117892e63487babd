"""Trains a LoRA adapter with Hugging Face's PEFT, as package lora/peft asks for:
train.py JOB.json. Lines on standard output that begin with "pastime: " are JSON. After
each {"event":"wait"} it reads a line: "go", or "stop" to keep a checkpoint and end.
torchrun or accelerate may start it on several processors: gradients are summed."""

import json
import math
import os
import random
import sys

out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
os.dup2(2, 1)  # what libraries print is no progress


def tell(event, **fields):
    out.write("pastime: " + json.dumps({"event": event, **fields}, allow_nan=False) + "\n")
    out.flush()


def refuse(kind, message):
    tell("error", kind=kind, message=message)
    sys.exit(0)


with open(sys.argv[1], encoding="utf-8") as f:
    job = json.load(f)
config = job["config"]
try:
    import peft
    import torch
    import torch.nn.functional as F
    import transformers
except ImportError as e:
    refuse("setup", f"Python lacks a package: {e}")

rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if torch.cuda.is_available() else torch.device("cpu")
if world > 1:
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
main = rank == 0
transformers.logging.set_verbosity_error()

tokenizer = transformers.AutoTokenizer.from_pretrained(job["model"])
if not tokenizer.chat_template:
    refuse("config", "the model has no chat template")
eos = tokenizer.eos_token_id


def sequence(e):
    messages = [dict(m) for m in e["messages"]]
    for m in messages:
        if m.get("tool_calls"):
            m["tool_calls"] = [{"type": "function", "id": c["id"], "function": {"name": c["name"], "arguments": c["arguments"]}} for c in m["tool_calls"]]
    tools = [{"type": "function", "function": t} for t in e.get("tools") or []] or None
    render = lambda ms, go: tokenizer.apply_chat_template(ms, tools=tools, add_generation_prompt=go, tokenize=False)
    prompt = render(messages, True)
    whole = render(messages + [{"role": "assistant", "content": e["completion"]}], False)
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    rest = whole[len(prompt):] if whole.startswith(prompt) else e["completion"]
    learn = tokenizer(rest, add_special_tokens=False)["input_ids"]
    if eos in learn:
        learn = learn[: learn.index(eos) + 1]
    elif eos is not None:
        learn = learn + [eos]
    return ids + learn, len(ids), bool(e.get("replay"))


sets = {}
limit = config.get("max_length") or 0
for name in ("train", "validation"):
    sets[name] = [sequence(e) for e in job["data"][name] or []]
    for i, (ids, _, _) in enumerate(sets[name]):
        if limit and len(ids) > limit:
            refuse("config", f"{name} example {i} has {len(ids)} tokens, more than max_length {limit}")

random.seed(config.get("seed", 0))
torch.manual_seed(config.get("seed", 0))
torch.use_deterministic_algorithms(device.type == "cpu")
model = transformers.AutoModelForCausalLM.from_pretrained(job["model"]).to(device=device, dtype=torch.float32)
if job.get("parent"):
    model = peft.PeftModel.from_pretrained(model, job["parent"], is_trainable=True)
else:
    model = peft.get_peft_model(model, peft.LoraConfig(
        r=config["rank"], lora_alpha=config["alpha"], use_rslora=config.get("rslora", False), lora_dropout=config.get("dropout", 0.0),
        target_modules=config["modules"], task_type="CAUSAL_LM"))
params = [p for p in model.parameters() if p.requires_grad]
if not params:
    refuse("config", "no module of the model has the name of one that is to be trained")
optimizer = torch.optim.AdamW(params, lr=config["learning_rate"], betas=(config["beta1"], config["beta2"]), weight_decay=config.get("weight_decay", 0.0))

count, batch = len(sets["train"]), config["batch_size"]
per_epoch = math.ceil(count / batch)
total = per_epoch * config["epochs"]
every = config.get("eval_every") or per_epoch


def rate(step):
    warm = max(0.0, config["warmup"]) * total
    if step < warm:
        return (step + 1) / max(1.0, warm)
    x = (step - warm) / max(1.0, total - warm)
    floor = config.get("floor", 0.0)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, x)))


def order(epoch):
    ids = list(range(count))
    random.Random(f"{config.get('seed', 0)} {epoch}").shuffle(ids)
    return ids


def passes(examples):
    """Groups examples into passes of at most pass_tokens tokens, padding included."""
    group = []
    for e in sorted(examples, key=lambda e: len(e[0])):
        if group and len(e[0]) * (len(group) + 1) > config["pass_tokens"]:
            yield group
            group = []
        group.append(e)
    if group:
        yield group


def losses(group):
    """The summed loss of the learned tokens of a pass, and how many there are."""
    longest = max(len(ids) for ids, _, _ in group)
    tokens = torch.zeros(len(group), longest, dtype=torch.long, device=device)
    mask, learn, replay = torch.zeros_like(tokens), torch.zeros_like(tokens, dtype=torch.bool), torch.zeros(len(group), 1, dtype=torch.bool, device=device)
    for i, (ids, begin, again) in enumerate(group):
        tokens[i, : len(ids)] = torch.tensor(ids)
        mask[i, : len(ids)] = 1
        learn[i, begin: len(ids)] = True
        replay[i] = again
    logits = F.log_softmax(model(input_ids=tokens, attention_mask=mask).logits[:, :-1].float(), dim=-1)
    learn = learn[:, 1:]
    nll = -logits.gather(-1, tokens[:, 1:, None])[..., 0]
    if replay.any():
        with torch.no_grad(), model.disable_adapter():
            base = F.log_softmax(model(input_ids=tokens, attention_mask=mask).logits[:, :-1].float(), dim=-1)
        nll = torch.where(replay, (base.exp() * (base - logits)).sum(-1), nll)
    return (nll * learn).sum(), int(learn.sum())


class Stop(Exception):
    pass


stopping = False


def wait():
    global stopping
    if main:
        tell("wait")
        if sys.stdin.readline().strip() != "go":
            stopping = True
    if stopping and world == 1:
        raise Stop


def validate():
    model.eval()
    loss, n = 0.0, 0
    with torch.no_grad():
        for group in passes(sets["validation"]):
            wait()
            l, k = losses(group)
            loss, n = loss + l.item(), n + k
    model.train()
    return loss / max(1, n)


weights = lambda: [p.detach().clone() for p in params]
state = {"step": 0, "tokens": 0, "epoch_losses": [], "before": None, "best": None, "weights": None, "worse": 0, "stopped": False}
work = job["work"]
path = os.path.join(work, "checkpoint.pt")


def save():
    if not main:
        return
    os.makedirs(work, exist_ok=True)
    with open(os.path.join(work, "fingerprint"), "w") as f:
        f.write(job["fingerprint"])
    torch.save({"state": state, "params": weights(), "optimizer": optimizer.state_dict()}, path + ".part")
    with open(path + ".part", "rb") as f:
        os.fsync(f.fileno())
    os.replace(path + ".part", path)


if os.path.exists(path):
    saved = torch.load(path, map_location=device, weights_only=True)
    state = saved["state"]
    optimizer.load_state_dict(saved["optimizer"])
    with torch.no_grad():
        for p, v in zip(params, saved["params"]):
            p.copy_(v)


def measure():
    loss = validate()
    if not math.isfinite(loss):
        refuse("diverged", "the validation loss is no number")
    if state["best"] is None or loss < state["best"]:
        state["best"], state["weights"], state["worse"] = loss, weights(), 0
    else:
        state["worse"] += 1
    return loss


def one_step():
    step = state["step"]
    epoch, at = divmod(step, per_epoch)
    chosen = [sets["train"][i] for i in order(epoch)[at * batch: (at + 1) * batch]]
    learned = sum(len(ids) - begin for ids, begin, _ in chosen)
    optimizer.zero_grad(set_to_none=False)
    total_loss = torch.zeros((), device=device)
    for n, group in enumerate(passes(chosen[rank::world])):
        wait()
        torch.manual_seed(hash((config.get("seed", 0), step, n, rank)) % (1 << 62))
        loss, _ = losses(group)
        (loss / learned).backward()
        total_loss += loss.detach()
    if world > 1:
        torch.distributed.all_reduce(total_loss)
        for p in params:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            torch.distributed.all_reduce(p.grad)
    loss = total_loss.item() / learned
    norm = float(torch.nn.utils.clip_grad_norm_(params, config["clip"]))
    if not (math.isfinite(loss) and math.isfinite(norm)):
        refuse("diverged", f"the loss of step {step + 1} is {loss}, the gradient's norm {norm}")
    lr = config["learning_rate"] * rate(step)
    for g in optimizer.param_groups:
        g["lr"] = lr
    optimizer.step()
    if at == 0:
        state["epoch_losses"] = []
    state["epoch_losses"].append(loss)
    state["tokens"] += sum(len(ids) for ids, _, _ in chosen)
    state["step"] = step + 1
    return loss, norm, lr


model.train()
try:
    wait()
    if sets["validation"] and state["before"] is None:
        state["before"] = validate()
    while state["step"] < total and not state["stopped"]:
        loss, norm, lr = one_step()
        step, validation = state["step"], None
        try:
            if sets["validation"] and (step % every == 0 or step == total):
                validation = measure()
                state["stopped"] = bool(config.get("patience")) and state["worse"] >= config["patience"]
        except Stop:  # the step is made again, from the last checkpoint on
            raise
        if step % config["checkpoint_every"] == 0 or step == total:
            save()
        if main:
            tell("step", step=step, total=total, epoch=step / per_epoch, loss=loss, validation=validation, learning_rate=lr,
                 gradient_norm=norm, tokens=state["tokens"])
            tell("wait")
            stopping = sys.stdin.readline().strip() != "go"
        if world > 1:
            flag = torch.tensor([int(stopping)], device=device)
            torch.distributed.broadcast(flag, 0)
            stopping = bool(flag.item())
        if stopping:
            save()
            raise Stop
except Stop:
    tell("stopped")
    sys.exit(0)
except torch.OutOfMemoryError as e:
    refuse("memory", str(e))

if state["weights"] is not None:
    with torch.no_grad():
        for p, v in zip(params, state["weights"]):
            p.copy_(v)
if main:
    final = os.path.join(work, "final")
    model.save_pretrained(final, safe_serialization=True)
    last = state["epoch_losses"]
    tell("done", steps=state["step"], tokens=state["tokens"], stopped=state["stopped"], loss=sum(last) / len(last),
         before=state["before"], validation=state["best"])
