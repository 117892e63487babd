"""Writes a GGUF model as a float32 directory that transformers and Pastime read:
dequantize.py GGUF DIR"""

import os
import sys

import transformers

gguf, out = sys.argv[1:]
gguf = os.path.realpath(gguf)
where, name = os.path.dirname(gguf), os.path.basename(gguf)
quantised = transformers.AutoModelForCausalLM.from_pretrained(where, gguf_file=name)
fields = {k: v for k, v in quantised.config.to_dict().items() if k != "quantization_config"}
model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**fields)).float()
model.load_state_dict(quantised.state_dict(), strict=False)
model.tie_weights()
model.save_pretrained(out)
transformers.AutoTokenizer.from_pretrained(where, gguf_file=name).save_pretrained(out)
