"""Reads what TestPeerExports wrote, by the packages that others read it with."""

import json
import os
import sys

from argilla.records._resource import Record
from datasets import load_dataset
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast
from trl.data_utils import is_conversational, maybe_apply_chat_template, unpair_preference_dataset

folder = sys.argv[1]


def load(name):
    return load_dataset("json", data_files=os.path.join(folder, name), split="train")


pairs, labels, alpaca = load("preference"), load("kto"), load("alpaca")
assert len(pairs) > 0 and len(labels) > 0
for row in pairs:
    assert is_conversational(row), row
    assert row["prompt"][-1]["role"] == "user" and row["chosen"][0]["role"] == row["rejected"][0]["role"] == "assistant", row
    assert row["chosen"] != row["rejected"], row
single = unpair_preference_dataset(pairs.select_columns(["prompt", "chosen", "rejected"]))
assert len(single) == 2 * len(pairs) and set(single.column_names) == set(labels.column_names) - {"id"}
for row in labels:
    assert is_conversational(row) and isinstance(row["label"], bool), row
assert set(labels["label"]) == {True, False}
assert [(r["instruction"], r["chosen"]) for r in alpaca] == [(r["prompt"][0]["content"], r["chosen"][0]["content"]) for r in pairs]

# The template is that of ChatML. A template makes text, so no word needs to be known.
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"?": 0}, unk_token="?")))
tokenizer.chat_template = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def text(row, *answers):
    """What a trainer is to be given of a row, by hand: the answers behind a prompt that ends where they begin."""
    question, end = row["prompt"][0]["content"], "<|im_end|>\n"
    want = {"prompt": f"<|im_start|>user\n{question}{end}<|im_start|>assistant\n"}
    return want | {name: row[name][0]["content"] + end for name in answers}


for row in pairs:
    got = maybe_apply_chat_template(row, tokenizer)
    assert got == text(row, "chosen", "rejected"), got
for row in labels:
    got = maybe_apply_chat_template(row, tokenizer)
    assert got == text(row, "completion") | {"label": row["label"]}, got

records = json.load(open(os.path.join(folder, "argilla")))
people = set()
for want in records:
    got = Record.from_dict(want).to_dict()
    for field in ("id", "fields", "metadata", "responses"):
        assert got[field] == want[field], (field, got[field], want[field])
    people |= {r["user_id"] for said in want["responses"].values() for r in said}
assert len(records) == 4 and len(people) == 3, (len(records), people)
print(f"{len(pairs)} pairs, {len(labels)} labels and {len(records)} records of {len(people)} people read alike, with the text of a chat template")
