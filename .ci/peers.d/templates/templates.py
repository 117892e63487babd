"""What transformers renders with chat templates: templates.py CACHE TESTDATA [FILE...]

Writes TESTDATA/golden.json for the templates in TESTDATA, and CACHE/templates.json
for those of real models: SmolLM2's, from its GGUF file, and those of any further
FILE, which is a template, or a list of them in JSON."""

import glob
import json
import os
import sys

import gguf
import transformers
from transformers.utils.chat_template_utils import render_jinja_template

CALL = [{"id": "c1", "name": "add", "arguments": "{\"a\": 2, \"b\": [1.5, null, true], \"q\": \"<é&'\\n\"}"}]
TOOLS = [
    {"name": "add", "description": "Adds <numbers> & \"more\".", "parameters": {
        "type": "object", "properties": {"b": {"type": "array", "items": {}}, "a": {"type": "integer"}}, "required": ["b", "a"]}},
    {"name": "now", "description": "日付"},
]
U, A, S, T = ({"role": r} for r in ("user", "assistant", "system", "tool"))
CASES = {
    "one": ([U | {"content": "Hello"}], []),
    "system": ([S | {"content": "Be brief."}, U | {"content": " Hi {{ x }} {% y %} 日本 \n"}], []),
    "turns": ([U | {"content": "1"}, A | {"content": "  2 "}, U | {"content": "3\n\n"}, A | {"content": "4"}], []),
    "again": ([U | {"content": "1"}, U | {"content": "2"}], []),
    "tools": ([S | {"content": "x"}, U | {"content": "2+1?"}], TOOLS),
    "called": ([U | {"content": "2+1?"}, A | {"content": "", "tool_calls": CALL},
                T | {"content": "3", "tool_call_id": "c1"}, A | {"content": "3"}], TOOLS),
}


def messages(list):
    """Our messages as transformers wants them."""
    out = []
    for m in list:
        m = dict(m)
        if "tool_calls" in m:
            m["tool_calls"] = [{"type": "function", "id": c["id"], "function": {
                "name": c["name"], "arguments": json.loads(c["arguments"])}} for c in m["tool_calls"]]
        out.append(m)
    return out


def functions(tools):
    return [{"type": "function", "function": {"name": t["name"], "description": t["description"],
             "parameters": t.get("parameters", {"type": "object", "properties": {}})}} for t in tools] or None


def cases(name, source, keep):
    for case, (msgs, tools) in CASES.items():
        for prompt in (False, True):
            c = {"Name": f"{name}/{case}" + ("/prompt" if prompt else ""), "Template": name, "Messages": msgs, "Tools": tools,
                 "GenerationPrompt": prompt}
            if keep:
                c["Source"] = source
            try:
                text, _ = render_jinja_template([messages(msgs)], tools=functions(tools), chat_template=source,
                                                add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>")
                c["Text"] = text[0]
            except Exception as e:
                c["Refused"] = True
            yield c


def main(cache, testdata, *files):
    peer = f"transformers {transformers.__version__}"
    own = [c for p in sorted(glob.glob(os.path.join(testdata, "*.jinja")))
           for c in cases(os.path.basename(p), open(p).read(), False)]
    with open(os.path.join(testdata, "golden.json"), "w") as f:
        json.dump({"Peer": peer, "Cases": own}, f, indent=1)
        f.write("\n")
    fields = gguf.GGUFReader(os.path.join(cache, "smollm2.gguf")).fields
    real = list(cases("SmolLM2", fields["tokenizer.chat_template"].contents(), True))
    for p in files:
        if p.endswith(".json"):
            for i, e in enumerate(json.load(open(p))):
                real += cases(f"{i}-{e['name']}", e["template"], True)
        else:
            real += cases(os.path.basename(p), open(p).read(), True)
    json.dump({"Peer": peer, "Cases": real}, open(os.path.join(cache, "templates.json"), "w"))


main(*sys.argv[1:])
