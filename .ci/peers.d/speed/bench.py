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
    for name, speed in re.findall(r"BenchmarkPeer/(\w+)\S*\s.*?([\d.]+) tokens/s", out):
        ours[name] = max(ours.get(name, 0), float(speed))
    for name, speed in json.loads(output("node", os.path.join(cache, "peer.mjs"), gguf, str(threads), cwd=cache)).items():
        theirs[name] = max(theirs.get(name, 0), speed)
    print("so far:", ours, theirs, flush=True)
print(f"{os.path.basename(gguf)}, {threads} threads, tokens/s: ours, llama.cpp's, ratio")
for name in ("prefill", "decode", "decode16"):
    print(f"  {name:9} {ours[name]:8.1f} {theirs[name]:8.1f}  {ours[name] / theirs[name]:.2f}")
