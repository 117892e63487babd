"""Makes and checks test vectors with transformers and PEFT.

peftcheck.py record DIR   writes a small random Llama, an adapter that PEFT trained on
                     it, and the logits, losses and gradients of both, to DIR.
peftcheck.py check DIR    loads the adapters under DIR/ours, which Pastime wrote beside
                     the logits that it computed, into PEFT, and compares."""

import json
import os
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file, save_file

command, directory = sys.argv[1:]
torch.manual_seed(1)
torch.set_grad_enabled(True)
base_dir, peft_dir = os.path.join(directory, "base"), os.path.join(directory, "adapter")

# Grouped heads, a head's size that is not dim/heads, Llama 3's rotary scaling.
config = transformers.LlamaConfig(
    vocab_size=64, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
    max_position_embeddings=256, rms_norm_eps=1e-5, tie_word_embeddings=False,
    rope_parameters={"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 64})


def logits(model, tokens):
    with torch.no_grad():
        return model(input_ids=tokens[None]).logits[0].clone()


if command == "record":
    base = transformers.LlamaForCausalLM(config).float()
    with torch.no_grad():
        for name, p in base.named_parameters():
            p.copy_(1 + 0.2 * torch.randn_like(p) if "norm" in name else torch.randn_like(p) / p.shape[-1] ** 0.5)
    base.save_pretrained(base_dir)
    tokens = torch.randint(0, config.vocab_size, (100,))
    learn = 40
    labels = tokens.clone()
    labels[:learn] = -100
    out = {"tokens": tokens.int(), "learn": torch.tensor([learn]).int(), "base.logits": logits(base, tokens)}

    def full_gradients():
        base.zero_grad()
        loss = base(input_ids=tokens[None], labels=labels[None]).loss
        loss.backward()
        out["full.loss"] = loss.detach()[None]
        for name, p in base.named_parameters():
            out["full.grad." + name] = p.grad.clone()
        base.zero_grad()

    full_gradients()
    model = peft.get_peft_model(base, peft.LoraConfig(
        r=4, lora_alpha=12, use_rslora=True, task_type="CAUSAL_LM", lora_dropout=0.0,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.004, weight_decay=0.1)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = model(input_ids=tokens[None], labels=labels[None]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if not losses:
            for name, p in model.named_parameters():
                if p.requires_grad:
                    out["start." + name.replace(".default", "")] = p.detach().clone()
        optimizer.step()
        losses.append(loss.detach())
    out["losses"] = torch.stack(losses)
    model.save_pretrained(peft_dir)
    out["adapter.logits"] = logits(model, tokens)
    model.zero_grad()
    model(input_ids=tokens[None], labels=labels[None]).loss.backward()
    for name, p in model.named_parameters():
        if p.requires_grad:
            out["adapter.grad." + name.replace(".default", "")] = p.grad.clone()
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}"
    save_file({k: v.contiguous() for k, v in out.items()}, os.path.join(directory, "vectors.safetensors"), metadata={"peer": versions})
    for leftover in (os.path.join(peft_dir, "README.md"), os.path.join(base_dir, "generation_config.json")):
        if os.path.exists(leftover):
            os.remove(leftover)
    path = os.path.join(peft_dir, "adapter_config.json")
    with open(path) as f:
        saved = json.load(f)
    saved["base_model_name_or_path"] = "a small random Llama"
    with open(path, "w") as f:
        json.dump(saved, f, indent=2, sort_keys=True)
        f.write("\n")
else:
    worst = 0.0
    ours = os.path.join(directory, "ours")
    for name in sorted(os.listdir(ours)):
        model = peft.PeftModel.from_pretrained(transformers.LlamaForCausalLM.from_pretrained(base_dir).float(), os.path.join(ours, name))
        want = load_file(os.path.join(ours, name, "logits.safetensors"))
        got = logits(model.eval(), want["tokens"].long())
        plain = logits(transformers.LlamaForCausalLM.from_pretrained(base_dir).float(), want["tokens"].long())
        off, moved = (got - want["logits"]).abs().max().item(), (got - plain).abs().max().item()
        print(f"{name}: PEFT's logits are at most {off:.2g} from ours; the adapter moves them by {moved:.2g}")
        assert moved > 0.1, "the adapter changes nothing: its names do not match"
        worst = max(worst, off)
    assert worst <= 1e-3, worst
