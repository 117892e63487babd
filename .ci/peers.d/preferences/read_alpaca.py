"""Reads what TestPeerExports wrote by LLaMA-Factory: its description of data sets, and its converter of preferences."""

import json
import os
import site
import sys

folder, packages = sys.argv[1:]
site.addsitedir(packages)  # datasets; behind PyTorch's own environment, which has the rest

from datasets import load_dataset
from llamafactory.data.converter import align_dataset
from llamafactory.data.parser import get_dataset_list
from llamafactory.hparams.data_args import DataArguments
from transformers import TrainingArguments

# What a user writes to dataset_info.json.
info = {"ours": {"file_name": "alpaca", "ranking": True, "columns": {
    "prompt": "instruction", "query": "input", "chosen": "chosen", "rejected": "rejected"}}}
[attr] = get_dataset_list(["ours"], info)
rows = load_dataset("json", data_files=os.path.join(folder, attr.dataset_name), split=attr.split)
got = align_dataset(rows, attr, DataArguments(dataset_dir=folder, overwrite_cache=True), TrainingArguments())

# The same pairs, as they are in the other export.
want = [json.loads(line) for line in open(os.path.join(folder, "preference"))]
assert len(got) == len(want) > 0, (len(got), len(want))
for g, w in zip(got, want):
    assert g["_prompt"] == w["prompt"], (g, w)
    assert g["_response"] == w["chosen"] + w["rejected"], (g, w)
    assert not any(g[name] for name in ("_system", "_tools", "_images", "_videos", "_audios")), g
print(f"{len(got)} pairs read alike by LLaMA-Factory")
