"""Reads what TestPeerExports wrote, by the packages that others read it with."""

import json
import os
import sys

from argilla.records._resource import Record
from datasets import load_dataset
from trl.data_utils import is_conversational, unpair_preference_dataset

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

records = json.load(open(os.path.join(folder, "argilla")))
people = set()
for want in records:
    got = Record.from_dict(want).to_dict()
    for field in ("id", "fields", "metadata", "responses"):
        assert got[field] == want[field], (field, got[field], want[field])
    people |= {r["user_id"] for said in want["responses"].values() for r in said}
assert len(records) == 4 and len(people) == 3, (len(records), people)
print(f"{len(pairs)} pairs, {len(labels)} labels and {len(records)} records of {len(people)} people read alike")
