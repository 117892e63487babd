"""Reads what TestExported has left in a folder, with networkx where it can, and compares it with the graph."""
import json
import pathlib
import re
import sys

import networkx as nx

folder = pathlib.Path(sys.argv[1])
page = json.loads((folder / "page.json").read_text())
nodes = {n["ID"]: (n["Name"], n["Sort"], n["Mentions"]) for n in page["Nodes"]}
edges = sorted((e["Source"], e["Relation"], e["Target"], e["Confidence"], e["Facts"]) for e in page["Edges"])
assert len(nodes) == 10 and len(edges) == 30, (len(nodes), len(edges))


def same(what, got_nodes, got_edges, want_edges=edges):
    assert got_nodes == nodes, f"{what}: {got_nodes} is not {nodes}"
    assert sorted(got_edges) == want_edges, f"{what}: {sorted(got_edges)} is not {want_edges}"
    print(f"{what}: {len(got_nodes)} nodes and {len(got_edges)} edges are the same")


def networkx(what, g):
    assert g.is_directed() and g.is_multigraph(), what
    same(
        what,
        {i: (d["name"], d["type"], d["mentions"]) for i, d in g.nodes(data=True)},
        [(a, d["relation"], b, d["confidence"], d["facts"]) for a, b, d in g.edges(data=True)],
    )


networkx("GraphML", nx.read_graphml(folder / "graphml", force_multigraph=True))
networkx("node-link", nx.node_link_graph(json.loads((folder / "node-link").read_text()), edges="edges"))

# A reader of the statements, by openCypher's grammar of strings, symbols and numbers.
tokens = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<symbol>`(?:[^`]|``)*`)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"""
    r"""|(?P<word>\w+)|(?P<sign>->|[-(){}\[\]:,.=;]))""",
    re.S,
)
escapes = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}


def read(text):
    at, text = 0, text.rstrip()
    while at < len(text):
        m = tokens.match(text, at)
        assert m, f"no token at {text[at:at + 40]!r}"
        at = m.end()
        kind, value = m.lastgroup, m.group(m.lastgroup)
        if kind == "string":
            value = re.sub(r"\\(.)", lambda e: escapes[e[1]], value[1:-1], flags=re.S)
        elif kind == "symbol":
            value = value[1:-1].replace("``", "`")
        elif kind == "number":
            value = float(value)
        yield kind, value


node = "MERGE ( n : # { id : # } ) SET n . name = # , n . type = # , n . mentions = # , n . confidence = # ;"
edge = "MATCH ( a { id : # } ) , ( b { id : # } ) MERGE ( a ) - [ r : # ] -> ( b ) SET r . confidence = # , r . facts = # ;"
got_nodes, got_edges, statement = {}, [], []
for token in read((folder / "cypher").read_text()):
    statement.append(token)
    if token != ("sign", ";"):
        continue
    shape = " ".join("#" if kind in ("string", "symbol", "number") else value for kind, value in statement)
    values = [value for kind, value in statement if kind in ("string", "symbol", "number")]
    statement = []
    if shape == node:
        label, i, name, sort, mentions, _ = values
        assert label == sort and i not in got_nodes, (label, sort, i)
        got_nodes[i] = (name, sort, int(mentions))
    else:
        assert shape == edge, shape
        a, b, relation, confidence, facts = values
        got_edges.append((a, relation, b, confidence, int(facts)))
assert not statement, statement
# No escape stands for a backslash in a name in all of Neo4j's versions; U+FF3C takes its place.
same("Cypher", got_nodes, got_edges, sorted((a, r.replace("\\", "\uff3c"), b, c, f) for a, r, b, c, f in edges))
