"""Writes two small random Llamas of one shape with a tokenizer of bytes: model.py DIR
writes DIR and DIR-other."""

import sys

import tokenizers
import torch
import transformers

vocab = {"<eos>": 0, **{c: i + 1 for i, c in enumerate(sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()))}}
inner = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=vocab, merges=[]))
inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = tokenizers.decoders.ByteLevel()
tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<eos>", pad_token="<eos>")
tokenizer.chat_template = "{% for m in messages %}{{ m.role }}: {{ m.content }}{% if m.role == 'assistant' %}<eos>{% endif %}\n{% endfor %}" \
    "{% if add_generation_prompt %}assistant: {% endif %}"
config = transformers.LlamaConfig(vocab_size=len(vocab), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                                  num_key_value_heads=2, max_position_embeddings=256, eos_token_id=0, pad_token_id=0)
for seed, name in enumerate(("", "-other")):
    torch.manual_seed(seed)
    transformers.LlamaForCausalLM(config).float().save_pretrained(sys.argv[1] + name)
    tokenizer.save_pretrained(sys.argv[1] + name)
