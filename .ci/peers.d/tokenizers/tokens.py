"""What Hugging Face's tokenizers and SentencePiece make of a large mixed text.

    tokens.py train CACHE TESTDATA    trains the small tokenizers anew
    tokens.py expect CACHE TESTDATA   writes CACHE/corpus.json and, for each
                                          tokenizer, CACHE/NAME.ids, and the small
                                          golden vectors TESTDATA/golden.json
    tokens.py bench CACHE TESTDATA        writes CACHE/bench.json, texts to measure with,
                                          and CACHE/speed.json, MB per second
                                          of processor time

The small tokenizers have the published settings of GPT-2, Llama 3, SmolLM2 and
Llama 2 but a vocabulary of 1,500. SmolLM2's own is made of its GGUF file's
vocabulary and merges; published.py has those of Llama 2, Llama 3 and Mistral."""

import array
import glob
import json
import os
import random
import sys
import sysconfig
import time
import unicodedata

import gguf
import published
import sentencepiece
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>",
           "<|start_header_id|>", "<|end_header_id|>", "<s>", "</s>", "<unk>"]


# The mixed text.

def stdlib():
    """Code and prose: sources of Python's standard library."""
    root = sysconfig.get_paths()["stdlib"]
    names = ["argparse", "ast", "base64", "calendar", "configparser", "dataclasses", "decimal", "difflib", "enum",
             "heapq", "inspect", "locale", "mailbox", "pickletools", "pydoc", "random", "statistics", "textwrap",
             "this", "tokenize", "turtle", "typing", "zipfile"]
    return [open(os.path.join(root, n + ".py"), encoding="utf-8").read() for n in names]


def others():
    """Texts in other languages and rarer shapes, from a fixed seed."""
    rng = random.Random(20)
    kana = [chr(c) for c in range(0x3041, 0x30ff)]
    han = [chr(c) for c in range(0x4e00, 0x9fff)]
    hangul = [chr(c) for c in range(0xac00, 0xd7a3)]
    alphabets = [[chr(c) for c in r if unicodedata.category(chr(c))[0] in "LM"] for r in (
        range(0x370, 0x400), range(0x400, 0x500), range(0x590, 0x600), range(0x600, 0x700), range(0x900, 0x980),
        range(0xe00, 0xe80), range(0x10a0, 0x1100), range(0x1200, 0x1380), range(0x1e00, 0x1f00), range(0xc0, 0x250))]
    emoji = ["😀", "👩‍👩‍👧‍👦", "👍🏽", "🇫🇷", "🇯🇵", "❤️", "☕", "🏴‍☠️", "🫠", "1️⃣", "🤦🏿‍♂️", "✨", "🧑‍🚀"]
    spaces = [" ", " ", " ", "  ", "\t", "\n", "\n", "\r\n", "\r", "\u00a0", "\u3000", "\u2003", "\u2028", "\u0085", "\v", "\f", "\u200b"]
    digits = "0123456789" * 4 + "٠١٢٣०१२๓ⅣⅫ½²①㊿〇"
    ends = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'rE", "'ſ", "’s", "'x", "'"]
    marks = list(".,;:!?-_=+*/\\|()[]{}<>@#$%^&~`\"'") + ["。", "、", "「", "…", "—", "▁", "▁▁", "ﬀ", "İ", "ß"]
    words = ["the", "practice", "Übung", "naïve", "HTTPServer", "x", "I", "don", "été", "e\u0301te\u0301"]

    def word():
        k = rng.randrange(11)
        if k == 0: return "".join(rng.choices(han, k=rng.randint(1, 8)))
        if k == 1: return "".join(rng.choices(kana, k=rng.randint(1, 8)))
        if k == 2: return "".join(rng.choices(hangul, k=rng.randint(1, 5)))
        if k == 3: return "".join(rng.choices(rng.choice(alphabets), k=rng.randint(1, 9)))
        if k == 4: return "".join(rng.choices(emoji, k=rng.randint(1, 3)))
        if k == 5: return "".join(rng.choices(digits, k=rng.randint(1, 9)))
        if k == 6: return rng.choice(words) + rng.choice(ends) + rng.choice(["", "", rng.choice(words)])
        if k == 7: return "".join(rng.choices(marks, k=rng.randint(1, 4)))
        if k == 8: return bytes(rng.randrange(256) for _ in range(rng.randint(1, 9))).decode("utf-8", "replace")
        if k == 9: return rng.choice(SPECIAL) if rng.random() < 0.5 else rng.choice(SPECIAL)[:rng.randint(1, 9)]
        return rng.choice(words)

    def gap():
        return " " if rng.random() < 0.6 else "".join(rng.choices(spaces, k=rng.choice([0, 0, 1, 2, 3, 4, 17])))

    texts = ["".join(word() + gap() for _ in range(rng.randint(1, 120))) for _ in range(1500)]
    texts += ["", " ", "  ", "\n", "\n\n a", "a", "'s", "▁", " ▁", "▁ a", "a" * 3000, " " * 3000, "ab" * 5000, "\u3042" * 2000,
              "1" * 2000, "\n" * 500 + "x", " \n" * 500, "<s>", "<s> a <s>", "a<s>b</s> c", "<|im_start|>user\nhi<|im_end|>\n"]
    return texts


def every_character():
    """Every character of Unicode that is not a surrogate or private, between others that show its class."""
    ranges = [range(0, 0xd800), range(0xf900, 0x20000), range(0x2a000, 0x2ec00), range(0xe0000, 0xe0200)]
    chars = [chr(c) for r in ranges for c in r]
    return ["".join(f"{c} {c}a{c}1{c}\n{c}" for c in chars[i:i + 256]) for i in range(0, len(chars), 256)]


def corpus():
    code = stdlib()
    chunks = [t[i:i + 3000] for t in code[1:] for i in range(0, len(t), 3000)]
    return code[:1] + chunks + others()


# The tokenizers.

def added(names):
    return [AddedToken(n, special=True, normalized=False) for n in names]


def byte_level(texts, pre, special, **model):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=1500, special_tokens=added(special), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    state = json.loads(t.to_str())
    state["model"].update(model)
    return Tokenizer.from_str(json.dumps(state))


def gpt2(texts):
    t = byte_level(texts, pre_tokenizers.ByteLevel(add_prefix_space=False), SPECIAL[:1])
    t.add_tokens([AddedToken("HTTP", normalized=False), AddedToken("practice", normalized=False, single_word=True, lstrip=True)])
    return t


def llama3(texts):
    pre = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated", False),
                                   pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t = byte_level(texts, pre, SPECIAL[3:8], ignore_merges=True)
    bos = SPECIAL[3]
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
        single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, t.token_to_id(bos))])])
    return t


def smollm2(texts):
    pre = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return byte_level(texts, pre, SPECIAL[:3])


def llama2(texts):
    """Trained on words, and then set up as Llama 2's: marks by a normalizer, no words."""
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<unk>", "<s>", "</s>"]
    t.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=1500, special_tokens=special + [f"<0x{b:02X}>" for b in range(256)], show_progress=False, limit_alphabet=400))
    state = json.loads(t.to_str())
    state["added_tokens"] = [a for a in state["added_tokens"] if a["content"] in special]
    t = Tokenizer.from_str(json.dumps(state))
    t.pre_tokenizer = None
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return t


def metaspace(llama2):
    """The same vocabulary as later versions set it up."""
    t = Tokenizer.from_str(llama2.to_str())
    t.normalizer = None
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    return t


def legacy(llama2):
    """The same with the special tokens of older files, which are looked for after the marks are set."""
    state = json.loads(llama2.to_str())
    for a in state["added_tokens"]:
        a["normalized"] = True
    return Tokenizer.from_str(json.dumps(state))


def train(cache, testdata):
    texts = [t[i:i + 2000] for t in stdlib() for i in range(0, len(t), 2000)] + others()[:300]
    made = {"gpt2": gpt2(texts), "llama3": llama3(texts), "smollm2": smollm2(texts), "llama2": llama2(texts)}
    made |= {"metaspace": metaspace(made["llama2"]), "legacy": legacy(made["llama2"])}
    for name, t in made.items():
        t.save(os.path.join(testdata, name + ".json"), pretty=False)
    lines = [line for t in texts[:-300] + texts[-20:] for line in t.split("\n") if line.strip()]
    prefix = os.path.join(cache, "sentencepiece")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=prefix, model_type="bpe", vocab_size=1500, byte_fallback=True,
        split_digits=True, allow_whitespace_only_pieces=True, remove_extra_whitespaces=False, add_dummy_prefix=True,
        normalization_rule_name="identity", character_coverage=0.999, minloglevel=2)
    sp = sentencepiece.SentencePieceProcessor(model_file=prefix + ".model")
    json.dump(published.vocab(sp), open(os.path.join(testdata, "sentencepiece.vocab.json"), "w"), ensure_ascii=False)
    sp_model = open(prefix + ".model", "rb").read()
    open(os.path.join(testdata, "sentencepiece.model"), "wb").write(sp_model)


def from_gguf(path):
    """SmolLM2's tokenizer, put together from its GGUF file."""
    fields = gguf.GGUFReader(path).fields
    tokens, merges = fields["tokenizer.ggml.tokens"].contents(), fields["tokenizer.ggml.merges"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    t = Tokenizer(models.BPE(vocab={s: i for i, s in enumerate(tokens)}, merges=[tuple(m.split(" ")) for m in merges]))
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens([AddedToken(s, special=True, normalized=False) for s, k in zip(tokens, types) if k == 3])
    return t


# What is expected.

def encodings(t, texts, special):
    if isinstance(t, Tokenizer):
        t.encode_special_tokens = not special
        return [e.ids for e in t.encode_batch(texts, add_special_tokens=False)]
    return [t.encode(x) for x in texts] # SentencePiece has no special tokens in texts


def decoded(t, ids):
    if isinstance(t, Tokenizer):
        return t.decode_batch(ids, skip_special_tokens=False)
    return [t.decode(i) for i in ids]


def save(path, lists):
    flat = array.array("I")
    for ids in lists:
        flat.append(len(ids))
        flat.extend(ids)
    if sys.byteorder == "big":
        flat.byteswap()
    with open(path, "wb") as f:
        flat.tofile(f)


def load(cache, testdata):
    made = {os.path.basename(p)[:-5]: Tokenizer.from_file(p) for p in sorted(glob.glob(os.path.join(testdata, "*.json")))
            if not p.endswith((".vocab.json", "golden.json"))}
    made["sentencepiece"] = sentencepiece.SentencePieceProcessor(model_file=os.path.join(testdata, "sentencepiece.model"))
    made["smollm2-gguf"] = from_gguf(os.path.join(cache, "smollm2.gguf"))
    return made | {"published/" + name: t for name, t in published.load(cache).items()}


def bench(cache, testdata):
    texts = [t[i:i + 3000] for t in stdlib() for i in range(0, len(t), 3000)]
    json.dump(texts, open(os.path.join(cache, "bench.json"), "w"))
    size, speed = sum(len(t.encode()) for t in texts), {}
    for name, t in load(cache, testdata).items():
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            for x in texts:
                t.encode(x, add_special_tokens=False) if isinstance(t, Tokenizer) else t.encode(x)
            best = min(best, time.process_time() - start)
        speed[name] = size / best / 1e6
    json.dump(speed, open(os.path.join(cache, "speed.json"), "w"))
    print({n: round(v, 2) for n, v in speed.items()})


def expect(cache, testdata):
    made = load(cache, testdata)
    texts, every = corpus(), every_character()
    print(f"{sum(map(len, texts))} characters of mixed text, {sum(map(len, every))} of every character")
    json.dump(texts + every, open(os.path.join(cache, "corpus.json"), "w"))
    rng = random.Random(7)
    few = [t for t in texts if 100 < len(t) < 300]
    few = rng.sample(few, 14) + [t for t in texts[-21:] if len(t) < 40] + ["".join(rng.choices("ab ", k=200)), every[0][:200]]
    golden = {"peer": f"tokenizers {tokenizers.__version__}, sentencepiece {sentencepiece.__version__}", "texts": few, "cases": {}}
    for name, t in made.items():
        for special in (True, False):
            if special and not isinstance(t, Tokenizer):
                continue
            ids = encodings(t, texts + every, special)
            save(os.path.join(cache, f"{name}.{'special' if special else 'plain'}.ids"), ids)
            if special or not isinstance(t, Tokenizer):
                json.dump(decoded(t, ids[:len(texts)]), open(os.path.join(cache, name + ".decoded.json"), "w"))
            if os.path.dirname(name) == "" and name != "smollm2-gguf":
                ids = encodings(t, few, special)
                golden["cases"].setdefault(name, {})["special" if special else "plain"] = ids
                golden["cases"][name]["decoded"] = decoded(t, ids)
    beside = os.path.join(cache, "published", "")
    save(beside + "llama2-js.plain.ids", published.javascript(cache, texts + every))
    for special in (True, False):
        ids = published.meta(cache, texts + every, special)
        save(f"{beside}llama3-meta.{'special' if special else 'plain'}.ids", ids)
    with open(os.path.join(testdata, "golden.json"), "w") as f:
        json.dump(golden, f, separators=(",", ":"), ensure_ascii=True)
        f.write("\n")


if __name__ == "__main__":
    what, cache, testdata = sys.argv[1:]
    {"train": train, "expect": expect, "bench": bench}[what](cache, testdata)
