"""Times networkx on a graph as large as that of the benchmark beside it."""
import random
import sys
import time

import igraph
import networkx as nx

n = int(sys.argv[1])
made = igraph.Graph.Barabasi(n, 5)
g = nx.Graph()
g.add_nodes_from(range(n))
g.add_edges_from(made.get_edgelist())
del made
random.seed(2)


def times(name, do, count):
    took = []
    for _ in range(count):
        begun = time.thread_time()
        do()
        took.append((time.thread_time() - begun) * 1e6)
    took.sort()
    print(f"networkx, {n} nodes, {g.number_of_edges()} edges: {name}: p50 {took[count // 2]:.0f} us, p99 {took[count * 99 // 100]:.0f} us of processor time")


times("shortest path", lambda: nx.bidirectional_shortest_path(g, random.randrange(n), random.randrange(n)), 300)
times("two hops", lambda: nx.single_source_shortest_path_length(g, random.randrange(n), cutoff=2), 300)
