"""How fast lora/llama and llama.cpp are with a GGUF file, and the ratios: bench.py GGUF

Each reads 512 tokens and continues a text of 64, in turns; the best of three counts."""

import os
import re
import subprocess
import sys
import time

from llama_cpp import Llama

gguf = sys.argv[1]
threads = int(os.environ.get("GOMAXPROCS", os.cpu_count()))
peer = Llama(gguf, n_ctx=1024, n_threads=threads, n_threads_batch=threads, verbose=False)
ids = [1000 + i * 37 % 40000 for i in range(512)]
theirs, ours = {"prefill": 0.0, "decode": 0.0}, {"prefill": 0.0, "decode": 0.0, "decode16": 0.0}
for _ in range(3):
    out = subprocess.run(["go", "test", "./lora/llama", "-run", "^$", "-bench", "BenchmarkPeer", "-peer-model", gguf], check=True, capture_output=True, text=True).stdout
    for name, speed in re.findall(r"BenchmarkPeer/(\w+)\S*\s.*?([\d.]+) tokens/s", out):
        ours[name] = max(ours[name], float(speed))
    for _ in range(3):
        peer.reset()
        start = time.perf_counter()
        peer.eval(ids)
        theirs["prefill"] = max(theirs["prefill"], len(ids) / (time.perf_counter() - start))
        peer.reset()
        peer.eval(ids[:64])
        start = time.perf_counter()
        for id in ids[64:128]:
            peer.eval([id])
        theirs["decode"] = max(theirs["decode"], 64 / (time.perf_counter() - start))
    print("so far:", ours, theirs, flush=True)
print(f"{threads} threads, tokens/s: ours, llama.cpp's, ratio")
for name, peers in (("prefill", "prefill"), ("decode", "decode"), ("decode16", "decode")):
    print(f"  {name:9} {ours[name]:8.1f} {theirs[peers]:8.1f}  {ours[name] / theirs[peers]:.2f}")
