"""Writes a Llama of 1.0 billion random weights, of width 2,048, and quantises it with llama.cpp: billion.py GGUF DIR LIBRARIES

The vocabulary is the GGUF file's. DIR gets random.Q4_K_M.gguf and random.Q8_0.gguf. K-quants need rows of a
multiple of 256 values, which SmolLM2-135M's are not. LIBRARIES is the folder of llama.cpp's."""

import ctypes
import glob
import os
import sys

import gguf
import numpy as np

source, out, libraries = sys.argv[1:]
dim, layers, heads, kv, ffn, context = 2048, 20, 32, 8, 5632, 2048
reader = gguf.GGUFReader(source)
half = os.path.join(out, "random.F16.gguf")
w = gguf.GGUFWriter(half, "llama")
w.add_name("random")
w.add_context_length(context)
w.add_embedding_length(dim)
w.add_block_count(layers)
w.add_feed_forward_length(ffn)
w.add_head_count(heads)
w.add_head_count_kv(kv)
w.add_rope_dimension_count(dim // heads)
w.add_rope_freq_base(10000.0)
w.add_layer_norm_rms_eps(1e-5)
w.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
for name, field in reader.fields.items():
    if name.startswith("tokenizer."):
        kind = field.types[0]
        w.add_key_value(name, field.contents(), kind, field.types[1] if kind == gguf.GGUFValueType.ARRAY else None)
vocab = len(reader.fields["tokenizer.ggml.tokens"].contents())
rng = np.random.default_rng(1)


def matrix(name, rows, cols):
    values = rng.standard_normal(rows * cols, dtype=np.float32).reshape(rows, cols)
    w.add_tensor(name, (values * (0.5 / cols**0.5)).astype(np.float16))


matrix("token_embd.weight", vocab, dim)
w.add_tensor("output_norm.weight", np.ones(dim, np.float32))
for i in range(layers):
    for name, rows, cols in (
        ("attn_q", dim, dim), ("attn_k", dim // heads * kv, dim), ("attn_v", dim // heads * kv, dim), ("attn_output", dim, dim),
        ("ffn_gate", ffn, dim), ("ffn_up", ffn, dim), ("ffn_down", dim, ffn),
    ):
        matrix(f"blk.{i}.{name}.weight", rows, cols)
    for name in ("attn_norm", "ffn_norm"):
        w.add_tensor(f"blk.{i}.{name}.weight", np.ones(dim, np.float32))
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()


class Params(ctypes.Structure):  # llama_model_quantize_params, of which the first two fields matter
    _fields_ = [("nthread", ctypes.c_int32), ("ftype", ctypes.c_int32), ("rest", ctypes.c_byte * 1024)]


def library(name):
    return ctypes.CDLL(glob.glob(os.path.join(libraries, f"lib{name}.v*.so"))[0], ctypes.RTLD_GLOBAL)


library("ggml").ggml_backend_load_all_from_path(libraries.encode())
llama = library("llama")
llama.llama_model_quantize_default_params.restype = Params
for name, kind in (("Q4_K_M", 15), ("Q8_0", 7)):  # llama_ftype
    params = llama.llama_model_quantize_default_params()
    params.ftype, params.nthread = kind, len(os.sched_getaffinity(0))
    to = os.path.join(out, f"random.{name}.gguf")
    if llama.llama_model_quantize(half.encode(), (to + ".part").encode(), ctypes.byref(params)) != 0:
        sys.exit(f"llama.cpp did not quantise {half}")
    os.rename(to + ".part", to)
os.remove(half)
