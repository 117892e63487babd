"""Files that gguf and safetensors wrote, and what is in them.

    formats.py write CACHE TESTDATA_GGUF TESTDATA_SAFETENSORS
    formats.py read CACHE      reads what TestPeerWrites wrote to CACHE
    formats.py values FILE...  hashes the values of SmolLM2 in GGUF files
    formats.py quantise FILE CACHE TYPE...  makes them, by llama.cpp

The golden files are small: every type that is supported, odd shapes, every kind
of metadata. Beside smollm2.gguf, and beside each of the FILEs, a .json file has a
hash of the float32 values of each tensor, dequantised by gguf, with the rows of
queries and keys as transformers orders them."""

import hashlib
import json
import os
import sys

import gguf
import numpy as np
import safetensors
import safetensors.numpy

TYPES = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"]

# Those that gguf only reads, and where their blocks have float16 numbers.
READ = {"Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,), "IQ4_NL": (0,), "IQ4_XS": (0,)}


def write_gguf(testdata):
    rng = np.random.default_rng(5)
    path = os.path.join(testdata, "types.gguf")
    w = gguf.GGUFWriter(path, "llama")
    meta = {"u8": 200, "i8": -100, "u16": 60000, "i16": -30000, "u32": 4_000_000_000, "i32": -2_000_000_000,
            "u64": 2**63 + 5, "i64": -2**62, "f32": 0.5, "f64": 1 / 3, "yes": True, "text": "Ünï 日本 😀"}
    for (name, v), add in zip(meta.items(), [w.add_uint8, w.add_int8, w.add_uint16, w.add_int16, w.add_uint32, w.add_int32,
                                             w.add_uint64, w.add_int64, w.add_float32, w.add_float64, w.add_bool, w.add_string]):
        add("meta." + name, v)
    w.add_array("meta.texts", ["a", "", "bé"])
    w.add_array("meta.numbers", [1, -2, 3])
    w.add_array("meta.floats", [0.25, -1.5])
    w.add_array("meta.flags", [True, False])
    values = {}
    for name in TYPES:
        x = rng.normal(0, 0.1, (3, 64)).astype(np.float32)
        x[0, :4] = [0, -0.0, 3e-6, -6e-8]
        x[2, 32:] = 0
        kind = gguf.GGMLQuantizationType[name]
        data = gguf.quants.quantize(x, kind)
        w.add_tensor(name.lower() + ".weight", data, raw_dtype=kind)
        values[name] = gguf.quants.dequantize(data, kind)
    for name, halves in READ.items():
        kind = gguf.GGMLQuantizationType[name]
        data = rng.integers(0, 256, (3, gguf.GGML_QUANT_SIZES[kind][1]), dtype=np.uint8)
        for at in halves:
            data[:, at:at + 2] = rng.normal(0, 0.01, 3).astype(np.float16).reshape(3, 1).view(np.uint8)
        w.add_tensor(name.lower() + ".weight", data, raw_dtype=kind)
        values[name] = gguf.quants.dequantize(data, kind)
    w.add_tensor("vector", np.arange(5, dtype=np.float32))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    bits = {n: v.astype(np.float32).view(np.uint32).tolist() for n, v in values.items()}
    golden = {"peer": f"gguf {version('gguf')}", "meta": {k: str(v).lower() if isinstance(v, bool) else v if isinstance(v, str) else repr(v)
              for k, v in meta.items()}, "bits": bits}
    dump(golden, os.path.join(testdata, "types.json"))


def write_safetensors(testdata):
    rng = np.random.default_rng(6)
    tensors = {"b.half": rng.normal(0, 1, (2, 3)).astype(np.float16), "a.single": rng.normal(0, 1, (4, 5)).astype(np.float32),
               "scalar": np.array(7, dtype=np.int64), "empty": np.zeros((0, 3), dtype=np.float32), "bytes": np.arange(5, dtype=np.uint8)}
    safetensors.numpy.save_file(tensors, os.path.join(testdata, "peer.safetensors"), metadata={"note": "é"})
    golden = {"peer": f"safetensors {version('safetensors')}", "tensors": {n: {"shape": list(t.shape), "data": t.tobytes().hex()}
              for n, t in tensors.items()}}
    dump(golden, os.path.join(testdata, "peer.json"))


def smollm2(path):
    r = gguf.GGUFReader(path)
    heads = {"q": 9, "k": 3}
    hashes = {}
    for t in r.tensors:
        x = gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32)
        part = t.name.split(".")[-2]
        if part in ("attn_q", "attn_k"):
            n = heads[part[-1]]
            rows, cols = x.shape
            x = x.reshape(n, rows // n // 2, 2, cols).swapaxes(1, 2).reshape(rows, cols)
        hashes[t.name] = hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()
    dump(hashes, os.path.splitext(path)[0] + ".json")


def quantise(path, cache, *types):
    import ctypes

    import llama_cpp
    quiet = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(quiet, None)
    for name in types:
        p = llama_cpp.llama_model_quantize_default_params()
        p.ftype, p.allow_requantize = getattr(llama_cpp, "LLAMA_FTYPE_MOSTLY_" + name), True
        out = os.path.join(cache, f"smollm2-{name}.gguf")
        if llama_cpp.llama_model_quantize(path.encode(), out.encode(), ctypes.byref(p)) != 0:
            sys.exit(f"llama.cpp makes no {name}")


def read(cache):
    """Our own files, by the packages that others read them with."""
    r = gguf.GGUFReader(os.path.join(cache, "ours.gguf"))
    want = json.load(open(os.path.join(cache, "ours.json")))
    for t in r.tensors:
        x = gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32).view(np.uint32).ravel().tolist()
        assert x == want["bits"][t.name], t.name
    assert len(r.tensors) == len(want["bits"])
    assert r.fields["general.architecture"].contents() == "llama" and r.fields["list"].contents() == ["a", "b"]
    with safetensors.safe_open(os.path.join(cache, "ours.safetensors"), "numpy") as f:
        assert f.metadata() == {"format": "pt"}
        x = f.get_tensor("x")
        assert x.shape == (2, 3) and x.tolist() == [[0, 1, 2], [3, 4, 5]], x
    print("what Go wrote reads alike")


def version(name):
    import importlib.metadata
    return importlib.metadata.version(name)


def dump(v, path):
    with open(path, "w") as f:
        json.dump(v, f, separators=(",", ":"), sort_keys=True)
        f.write("\n")


command, *args = sys.argv[1:]
if command == "write":
    write_gguf(args[1])
    write_safetensors(args[2])
    smollm2(os.path.join(args[0], "smollm2.gguf"))
elif command == "values":
    for path in args:
        smollm2(path)
elif command == "quantise":
    quantise(*args)
else:
    read(*args)
