"""How fast lora/llama and llama.cpp are with a GGUF file, and the ratios of medians: bench.py GGUF CACHE ROUNDS

Each reads 512 tokens, continues a text of 64, and continues 16 of them at once, in turns. With EIGHT_BIT=1 ours takes
activations in eight bits (llama.Options.EightBit), as llama.cpp always does."""

import json
import os
import re
import statistics
import subprocess
import sys

gguf, cache, rounds = sys.argv[1:]
threads = int(os.environ.get("GOMAXPROCS", os.cpu_count()))


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


with open("/proc/cpuinfo") as f:
    print(next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown processor"))
test = os.path.join(cache, "llama.test")
output("go", "test", "-c", "-o", test, "./lora/llama")
eight = ["-eight-bit"] if os.environ.get("EIGHT_BIT") else []
ours, theirs = {}, {}
for _ in range(int(rounds)):
    out = output(test, "-test.run", "^$", "-test.bench", "BenchmarkPeer", "-peer-model", gguf, *eight, cwd="lora/llama")
    for name, line in re.findall(r"BenchmarkPeer/([a-z0-9]+)\S*(\s.*)", out):
        for unit, kind in (("tokens/s", ""), ("tokens/cpu-s", " cpu")):
            speed = float(re.search(r"([\d.]+) " + unit + r"(?:\s|$)", line)[1])
            ours.setdefault(name + kind, []).append(speed)
    for name, speed in json.loads(output("node", os.path.join(cache, "peer.mjs"), gguf, str(threads), cwd=cache)).items():
        theirs.setdefault(name, []).append(speed)
    print("so far:", ours, theirs, flush=True)
print(f"{os.path.basename(gguf)}, {threads} threads{', activations of eight bits' if eight else ''}, tokens/s: ours, llama.cpp's, ratio")
for name in ("prefill", "decode", "decode16"):
    for kind in ("", " cpu"):  # where others work, too, only processor time tells
        key = name + kind
        a, b = statistics.median(ours[key]), statistics.median(theirs[key])
        print(f"  {key:13} {a:8.1f} {b:8.1f}  {a / b:.2f}")
