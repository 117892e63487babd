"""Writes a small LoRA adapter for a Llama-family GGUF file: lora.py BASE OUT.

Its weights are random but fixed, and large enough to change what the model
says. It is there to show that an adapter is chosen per request."""

import sys

import gguf
import numpy as np

base, out = sys.argv[1:]
reader = gguf.GGUFReader(base)
arch = str(bytes(reader.fields["general.architecture"].parts[-1]), "utf-8")
rank, rng = 4, np.random.default_rng(1)

writer = gguf.GGUFWriter(out, arch)
writer.add_type("adapter")
writer.add_string("adapter.type", "lora")
writer.add_float32("adapter.lora.alpha", float(rank))
for tensor in reader.tensors:
    if tensor.name.endswith("attn_q.weight"):
        n_in, n_out = (int(n) for n in tensor.shape)
        writer.add_tensor(tensor.name + ".lora_a", rng.normal(0, 0.2, (rank, n_in)).astype(np.float32))
        writer.add_tensor(tensor.name + ".lora_b", rng.normal(0, 0.2, (n_out, rank)).astype(np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
