"""The original's way: activities as JSON with an indent, gzip -9, and the whole file loaded to find those of a day,
or to add those of a day. Deleting what is archived costs it nothing here."""
import gzip
import itertools
import json
import os
import resource
import sys
import time

lines, file, mode = sys.argv[1:]


def took(what, begun):
    print("original", what + "_s", f"{time.perf_counter() - begun[0]:.6g}")
    print("original", what + "_cpu_s", f"{time.process_time() - begun[1]:.6g}")


def archive(lines, sessions):
    sessions += [json.loads(line) for line in lines]
    with gzip.open(file, "wt", compresslevel=9) as f:
        f.write(json.dumps(sessions, indent=2))


if mode == "write":  # in pieces: as a list and a text at once, a million take more than 8 GB
    with open(lines) as f, gzip.open(file, "wt", compresslevel=9) as out:
        begun = time.perf_counter(), time.process_time()
        before = "[\n"
        while piece := list(itertools.islice(f, 10_000)):
            out.write(before + json.dumps([json.loads(line) for line in piece], indent=2)[2:-2])
            before = ",\n"
        out.write("\n]")
    took("archive", begun)
    print("original bytes", os.path.getsize(file))
elif mode == "daily":
    with open(lines) as f:
        days = [list(itertools.islice(f, 2000)) for _ in range(31)]
    begun = time.perf_counter(), time.process_time()
    for day in filter(None, days):
        sessions = []
        if day is not days[0]:
            with gzip.open(file, "rt") as f:
                sessions = json.load(f)
        archive(day, sessions)
    took("daily", begun)
else:
    begun = time.perf_counter(), time.process_time()
    with gzip.open(file, "rt") as f:
        sessions = json.load(f)
    found = [s for s in sessions if s["Activity"]["started"].startswith("2024-01-06")]
    took("query", begun)
    print("original query_rows", len(found))
    print("original query_peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
