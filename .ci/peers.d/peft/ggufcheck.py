"""Loads the adapters that Pastime wrote into llama.cpp and compares the logits:
ggufcheck.py DIR, which TestPeerGGUF wrote."""

import json
import os
import sys

import llama_cpp
import numpy as np

directory = sys.argv[1]
with open(os.path.join(directory, "expected.json")) as f:
    expected = json.load(f)
tokens, vocab = expected["tokens"], expected["vocab"]
plain, worst = None, 0.0
for name, want in sorted(expected["logits"].items()):
    llm = llama_cpp.Llama(os.path.join(directory, "base.gguf"), lora_path=os.path.join(directory, name) if name else None, n_ctx=256, logits_all=True,
                          n_threads=1, type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32, flash_attn=False, verbose=False)
    llm.eval(tokens)
    got = np.array(llm.scores[: len(tokens)], dtype=np.float32)
    plain = got if plain is None else plain
    off, moved = np.abs(got - np.array(want, dtype=np.float32).reshape(-1, vocab)).max(), np.abs(got - plain).max()
    print(f"{name or 'base'}: llama.cpp's logits are at most {off:.2g} from ours; the adapter moves them by {moved:.2g}")
    assert not name or moved > 0.1, "the adapter changes nothing"
    worst = max(worst, off)
assert worst <= 1e-3, worst
