"""Writes what networkx says of distances and PageRank, and leidenalg of modularity."""
import json
import random
import statistics

import igraph
import leidenalg
import networkx as nx

random.seed(1)


def weighted(graph):
    return [(a, b, random.choice([0.25, 0.5, 0.75, 1.0])) for a, b in graph.edges()]


def relabelled(graph):
    return nx.convert_node_labels_to_integers(graph)


graphs = {
    "empty": (0, []),
    "three nodes without edges": (3, []),
    "two nodes with parallel edges": (2, [(0, 1, 1.0), (1, 0, 1.0), (0, 1, 0.5)]),
    "star": (10, [(0, i, 1.0) for i in range(1, 10)]),
    "bipartite": (12, weighted(nx.complete_bipartite_graph(5, 7))),
    "path": (30, [(i, i + 1, 1.0) for i in range(29)]),
    "karate club": (34, [(a, b, 1.0) for a, b in nx.karate_club_graph().edges()]),
    "karate club, weighted": (34, weighted(nx.karate_club_graph())),
    "les miserables": (77, [(a, b, 1.0) for a, b in relabelled(nx.les_miserables_graph()).edges()]),
    "football-like": (115, [(a, b, 1.0) for a, b in nx.planted_partition_graph(12, 9, 0.8, 0.05, seed=3).edges()]),
    "planted": (200, weighted(nx.planted_partition_graph(8, 25, 0.3, 0.02, seed=4))),
    "ring of cliques": (60, [(a, b, 1.0) for a, b in nx.ring_of_cliques(10, 6).edges()]),
    "preferential": (300, weighted(nx.barabasi_albert_graph(300, 5, seed=5))),
    "random, sparse": (250, weighted(nx.gnm_random_graph(250, 260, seed=6))),
    "directed": (150, weighted(nx.gnp_random_graph(150, 0.02, seed=7, directed=True))),
    "small world": (200, weighted(nx.connected_watts_strogatz_graph(200, 6, 0.1, seed=8))),
}

out = []
for name, (n, edges) in graphs.items():
    directed = nx.MultiDiGraph()
    directed.add_nodes_from(range(n))
    directed.add_weighted_edges_from(edges)
    both = nx.MultiGraph()
    both.add_nodes_from(range(n))
    both.add_weighted_edges_from(edges)

    # Distances along the edges, and both ways; -1 is no path.
    pairs = [(random.randrange(n), random.randrange(n)) for _ in range(60)] if n else []

    def distance(graph, a, b):
        try:
            return nx.shortest_path_length(graph, a, b)
        except nx.NetworkXNoPath:
            return -1

    # PageRank and modularity with parallel edges as one of the sum of the weights. A
    # node's own edges count twice in networkx' undirected graphs as they do here.
    def rank(graph):
        if n == 0:
            return []
        r = nx.pagerank(graph, alpha=0.85, tol=1e-12, max_iter=1000)
        return [r[i] for i in range(n)]

    modularity = None
    if edges:
        g = igraph.Graph(n=n, edges=[(a, b) for a, b, _ in edges])
        weights = [w for _, _, w in edges]
        modularity = statistics.median(
            leidenalg.find_partition(g, leidenalg.ModularityVertexPartition, weights=weights, n_iterations=-1, seed=s).quality()
            for s in range(20)
        )
    out.append(
        {
            "name": name,
            "nodes": n,
            "edges": edges,
            "pairs": pairs,
            "along": [distance(directed, a, b) for a, b in pairs],
            "both": [distance(both, a, b) for a, b in pairs],
            "rank_along": rank(directed),
            "rank_both": rank(both),
            "modularity": modularity,
        }
    )
print("[")
print(",\n".join(json.dumps(g) for g in out))
print("]")
