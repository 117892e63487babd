"""Logits and answers of transformers and llama.cpp, which lora/llama is held to.

  tiny DIR           makes a small random Llama with a tokenizer and a chat template
                     in DIR/model, and what transformers says with it in DIR/golden.json
  smollm GGUF OUT    what transformers, with the file's weights as float32, and
                     llama.cpp say with SmolLM2: OUT.json, and OUT.f32 with all logits
"""

import json
import os
import sys

QUESTIONS = [
    [{"role": "user", "content": "What is the capital of France?"}],
    [{"role": "system", "content": "You answer with one word."}, {"role": "user", "content": "Is the sky blue?"}],
    [{"role": "user", "content": "Write a haiku about 日本 and a 🙂."}],
    [{"role": "user", "content": "Count: 1, 2, 3"}, {"role": "assistant", "content": "4, 5"}, {"role": "user", "content": "And then?\n\n  def f(x):\n    return x"}],
]
ANSWER = 24

# What the small model's tokenizer is trained on. Its tokens, and so all that
# the small model says, change with it.
TEXT = """An agent practises when nobody needs it: it asks itself questions, answers them,
and lets a program judge the answers. What was right it may learn from; what was
wrong it may try again later. Nobody is in the way of the work that there is to do,
and the practice stops within milliseconds when there is some.

    def practise(model, tasks):
        for task in tasks:
            answer = model.generate(task.prompt)
            yield task, answer, task.verify(answer)
"""


def say(model, ids):
    """The logits after the last token, and the likeliest continuation."""
    import torch

    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, -1]
        out = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=ANSWER, do_sample=False)
    return logits, out[0, len(ids):].tolist()


def tiny(dir):
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    t.train_from_iterator(
        [m["content"] for q in QUESTIONS for m in q] + [TEXT],
        trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=t, eos_token="<|im_end|>", bos_token="<|endoftext|>")
    tokenizer.chat_template = ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
                               "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
    torch.manual_seed(1)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=320, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
        max_position_embeddings=512, rope_theta=10000.0, initializer_range=0.3, tie_word_embeddings=False, bos_token_id=0, eos_token_id=2, pad_token_id=0))
    model.to(torch.bfloat16).save_pretrained(dir + "/model")
    tokenizer.save_pretrained(dir + "/model")
    model = LlamaForCausalLM.from_pretrained(dir + "/model", dtype=torch.float32).eval()
    golden = []
    for q in QUESTIONS:
        text = tokenizer.apply_chat_template(q, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        logits, answer = say(model, ids)
        golden.append({"messages": q, "tokens": ids, "logits": [round(x, 6) for x in logits.tolist()], "answer": answer})
    write(dir + "/golden.json", golden)


def smollm(gguf, out):
    import numpy
    import torch
    from llama_cpp import Llama
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)  # threads that spin are slow where others work too
    folder, name = os.path.split(gguf)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    peer = Llama(gguf, n_ctx=512, n_threads=1, n_threads_batch=1, logits_all=True, verbose=False)
    golden, rows = [], []
    for q in QUESTIONS:
        text = tokenizer.apply_chat_template(q, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        logits, answer = say(model, ids)
        peer.reset()
        peer.eval(ids)
        theirs = numpy.array(peer.scores[len(ids) - 1], dtype=numpy.float32)
        rows += [logits.numpy().astype(numpy.float32), theirs]
        greedy = []
        peer.reset()
        for id in peer.generate(ids, temp=0.0, repeat_penalty=1.0):
            if id == peer.token_eos() or len(greedy) == ANSWER:
                break
            greedy.append(id)
        top = torch.topk(logits, 8)
        golden.append({"messages": q, "tokens": ids, "top": top.indices.tolist(), "logits": [round(x, 5) for x in top.values.tolist()],
                       "answer": answer, "llamacpp": greedy, "text": tokenizer.decode(greedy)})
    numpy.stack(rows).tofile(out + ".f32")
    write(out + ".json", golden)


def write(path, data):
    with open(path, "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(x, ensure_ascii=False) for x in data) + "\n]\n")


if __name__ == "__main__":
    {"tiny": tiny, "smollm": smollm}[sys.argv[1]](*sys.argv[2:])
