"""Draws facts of claims from a store by chance, and judges them by the source and by the stored answers.

facts.py sample STORE [SEED [REVISION]]   200 of the facts up to a revision, as JSON
facts.py judge SAMPLE SOURCE STORE        a line with two verdicts for each; what it cannot find is for a person

True: for a call, the caller's body at its file has the callee's name before a bracket; for an import, a file of the
package that is no test has it; for a level, the session's answers to it, counted again, say so. Other facts are true
if their insight says so, which a person reads: "?".

Useful, by rules that a language model wrote after it had seen what the facts are, so their share is no test of the
rules: a maintainer of the source, or who plans practice, would act on it or find something by it, and does not
see it at once where it stands. A call from one file into another is, unless more than 20 functions call the same one; one within a file is not. An import is of a package
that is not the standard library's. What a model fails or succeeds at is. A level's being one of its family is not (its name
says so), nor what a tool refuses. What a source introduces, applies to, defines or cites is, and
which functions or documents are the same.
"""
import collections
import glob
import json
import os
import random
import re
import sqlite3
import sys

seed = 20261128


def opened(store):
    return sqlite3.connect(f"file:{store}?mode=ro", uri=True)


def stated(db):
    for rev, body in db.execute("SELECT rev, body FROM pastime_graphs_log WHERE op = 'stated' ORDER BY rev"):
        body = json.loads(body)
        for s in body.get("statements", []):
            if not s.get("extracted"):
                yield rev, body.get("origin", {}), s


def sample(store, chance=seed, until=1 << 60):
    db = opened(store)
    facts = [f for f in stated(db) if f[0] <= int(until)]
    names = {s[end] for _, _, s in facts for end in ("subject", "object")}
    print(f"{len(facts)} facts of claims, {len(names)} names", file=sys.stderr)
    print(json.dumps(random.Random(int(chance)).sample(facts, min(200, len(facts)))))


def parts(function):
    """The package, receiver and name of a function as go/types writes it."""
    m = re.match(r"\(\*?(.*)\.(\w+)(?:\[.*\])?\)\.(\w+)$", function)
    return (m[1], m[2], m[3]) if m else (function.rsplit(".", 1)[0], None, function.rsplit(".", 1)[1])


class Source:
    def __init__(self, root):
        self.root = root
        self.module = re.search(r"^module (\S+)", open(os.path.join(root, "go.mod")).read(), re.M)[1]

    def files(self, package):
        folder = os.path.join(self.root, package.removeprefix(self.module).lstrip("/"))
        for name in sorted(glob.glob(os.path.join(folder, "*.go"))):
            if not name.endswith("_test.go"):
                yield os.path.relpath(name, self.root), open(name).read().split("\n")

    def declared(self, function):
        package, receiver, name = parts(function)
        for file, lines in self.files(package):
            for n, line in enumerate(lines):
                m = re.match(r"func (?:\((?:\w+\s+)?\*?(\w+)(?:\[.*?\])?\) )?(\w+)[\[(]", line)
                if m and m[2] == name and m[1] == receiver:
                    yield file, n, lines

    def call(self, caller, callee, at):
        """Where caller, which is declared in a file, calls callee, and whether that is declared in the same file."""
        there = [file for file, _, _ in self.declared(callee)]
        called = re.compile(r"(?:^|\W)" + re.escape(parts(callee)[2]) + r"(?:\[[^\]]*\])?\(")
        for file, first, lines in self.declared(caller):
            for n in range(first, len(lines) if file == at else first):
                # The body of a function of one line is behind its first brace.
                body = lines[n] if n > first else lines[n].partition(" {")[2]
                if called.search(body):
                    return f"{file}:{n + 1}", there == [file]
                if lines[n].startswith("}") or n == first and lines[n].rstrip().endswith("}"):
                    break
        return None, False

    def imports(self, package, path):
        for file, lines in self.files(package):
            for n, line in enumerate(lines):
                if re.match(r'\s*(?:import )?(?:\w+ )?"' + re.escape(path) + '"', line):
                    return f"{file}:{n + 1}"


def counted(db, activity, level):
    """How many answers to a level a session has, and how many are right."""
    family, number = level.rsplit(", level ", 1)
    all = [json.loads(b) for (b,) in db.execute("SELECT body FROM pastime_hobby_items WHERE activity = ?", (activity,))]
    all = [i for i in all if i["family"] == family and str(i["level"]) == number]
    return len(all), sum((i.get("score") or 0) >= 1 for i in all)


def verdict(source, db, callers, origin, fact):
    """A fact's place, whether it is true and useful, and why it is useful or not."""
    subject, relation, object = fact["subject"], fact["relation"], fact["object"]
    if relation == "calls":
        place, inside = source.call(subject, object, origin.get("file"))
        many = len(callers[object])
        useful = not inside and many <= 20
        return place, place is not None, useful, "within a file" if inside else f"{many} call it" if many > 20 else "across files"
    if relation == "imports":
        place, own = source.imports(subject, object), "." in object.split("/")[0]
        return place, place is not None, own, "of a module" if own else "standard library"
    if relation in ("fails at", "succeeds at", "level of"):
        n, right = counted(db, origin["activity"], subject if relation == "level of" else object)
        if relation == "level of":
            return "", n > 0 and subject.startswith(object + ", level "), False, "its name says so"
        return f"{right} of {n}", n > 0 and (2 * right < n) == (relation == "fails at"), True, "what to practise"
    place = origin.get("file", "") + (f":{origin['line']}" if origin.get("line") else "")
    return place, None, relation != "refuses", "says little" if relation == "refuses" else "what a source has"


def judge(drawn, root, store):
    source, db, callers = Source(root), opened(store), collections.defaultdict(set)
    for _, _, s in stated(db):
        if s["relation"] == "calls":
            callers[s["object"]].add(s["subject"])
    say = {True: "yes", False: "no", None: "?"}
    for n, (_, origin, fact) in enumerate(json.load(open(drawn)), 1):
        place, true, useful, why = verdict(source, db, callers, origin, fact)
        row = [n, fact["subject"], fact["relation"], fact["object"], place or "", say[true], say[useful], why]
        print("\t".join(str(c).replace(source.module, "~") for c in row))


{"sample": sample, "judge": judge}[sys.argv[1]](*sys.argv[2:])
