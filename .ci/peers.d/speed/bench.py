"""How fast lora/llama and llama.cpp are with a GGUF file, and the ratios: bench.py GGUF CACHE

Each reads 512 tokens, continues a text of 64, and continues 16 of them at once, in turns; the best of four counts."""

import json
import os
import re
import subprocess
import sys

gguf, cache = sys.argv[1:]
threads = int(os.environ.get("GOMAXPROCS", os.cpu_count()))


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


with open("/proc/cpuinfo") as f:
    print(next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown processor"))
test = os.path.join(cache, "llama.test")
output("go", "test", "-c", "-o", test, "./lora/llama")
ours, theirs = {}, {}
for _ in range(4):
    out = output(test, "-test.run", "^$", "-test.bench", "BenchmarkPeer", "-peer-model", gguf, cwd="lora/llama")
    for name, line in re.findall(r"BenchmarkPeer/([a-z0-9]+)\S*(\s.*)", out):
        for unit, kind in (("tokens/s", ""), ("tokens/cpu-s", " cpu")):
            speed = float(re.search(r"([\d.]+) " + unit + r"(?:\s|$)", line)[1])
            ours[name + kind] = max(ours.get(name + kind, 0), speed)
    for name, speed in json.loads(output("node", os.path.join(cache, "peer.mjs"), gguf, str(threads), cwd=cache)).items():
        theirs[name] = max(theirs.get(name, 0), speed)
    print("so far:", ours, theirs, flush=True)
print(f"{os.path.basename(gguf)}, {threads} threads, tokens/s: ours, llama.cpp's, ratio")
for name in ("prefill", "decode", "decode16"):
    for kind in ("", " cpu"):  # where others work, too, only processor time tells
        key = name + kind
        print(f"  {key:13} {ours[key]:8.1f} {theirs[key]:8.1f}  {ours[key] / theirs[key]:.2f}")
