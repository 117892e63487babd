"""Checks lora/peft/train.py on a machine with PEFT and without Go, such as one with a
graphics processor: alone.py MODEL, where MODEL is what model.py wrote. It fails unless the
same seed gives the same bytes, also when the script is stopped and goes on, another seed
gives others, the loss falls, a parent begins where it ended, and what is too long is
refused."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile

import peft
import torch
import transformers

model, folder = sys.argv[1], tempfile.mkdtemp()
script = os.path.join(os.path.dirname(__file__), "../../../lora/peft/train.py")
modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def example(prompt, answer, replay=False):
    return {"messages": [{"role": "user", "content": prompt}], "completion": answer, "replay": replay}


def train(name, stop=None, parent="", more=(), processor="", **change):
    """Trains, and stops after some steps where that is asked for: the last event, the
    number of steps, and the digest of the adapter."""
    config = dict(rank=4, alpha=8, epochs=4, batch_size=4, pass_tokens=512, learning_rate=0.01, seed=3, checkpoint_every=3,
                  warmup=0.05, beta1=0.9, beta2=0.999, clip=1, modules=modules)
    examples = [example("say " + "abcd"[i % 4], "abcd"[i % 4] * 3) for i in range(16)]
    work = os.path.join(folder, name)
    job = dict(model=model, parent=parent, work=work, fingerprint=name, config=config | change,
               data=dict(train=examples + list(more), validation=examples[:4]))
    path = work + ".json"
    with open(path, "w") as f:
        json.dump(job, f)
    process = subprocess.Popen([sys.executable, script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=dict(os.environ, PYTHONHASHSEED="0", CUDA_VISIBLE_DEVICES=processor))
    steps, last = 0, None
    for line in process.stdout:
        last = json.loads(line.removeprefix("pastime: "))
        if last["event"] == "wait":
            process.stdin.write("stop\n" if stop is not None and steps >= stop else "go\n")
            process.stdin.flush()
        steps += last["event"] == "step"
    if process.wait() != 0:
        sys.exit(f"{name}: exit status {process.returncode}")
    print(name, steps, json.dumps(last), flush=True)
    adapter = os.path.join(work, "final", "adapter_model.safetensors")
    if not os.path.exists(adapter):
        return last, steps, None
    with open(adapter, "rb") as f:
        return last, steps, hashlib.sha256(f.read()).hexdigest()


def check(ok, what):
    if not ok:
        sys.exit(f"failed: {what}")


print("torch", torch.__version__, "transformers", transformers.__version__, "peft", peft.__version__)
first, steps, digest = train("first")
check(first["event"] == "done" and steps == first["steps"] == 16, "16 steps")
check(first["validation"] < first["before"], "the loss falls")
check(train("again")[2] == digest, "the same seed gives the same bytes")
check(train("another-seed", seed=4)[2] not in (None, digest), "another seed gives other bytes")
whole = train("whole", dropout=0.1)
check(train("stopped", stop=5, dropout=0.1) == ({"event": "stopped"}, 5, None), "it stops when it is told to")
check(train("stopped", dropout=0.1) == (whole[0], 11, whole[2]), "it goes on as if it had not been stopped")
second = train("child", parent=os.path.join(folder, "first", "final"))[0]
check(abs(second["before"] - first["validation"]) < 1e-5, "a parent begins where it ended")
refused, steps, digest = train("too-long", max_length=2)
check((refused["event"], refused.get("kind"), steps, digest) == ("error", "config", 0, None), "what is too long is refused")
kept = train("replay", more=[example("hi", "yo", replay=True)])[0]
check(kept["event"] == "done", "what is replayed is trained")
if torch.cuda.is_available():
    there = train("processor", processor="0")[0]
    check(there["validation"] < there["before"], "the loss falls on a graphics processor")
    check(abs(there["validation"] - first["validation"]) < 1e-3, "a graphics processor gives nearly the same loss")
print("all holds")
