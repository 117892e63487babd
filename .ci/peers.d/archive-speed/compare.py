"""Says how the two ways compare, and fails where the archive is larger, or slower or needs more memory than it may."""
import sys

n, file = sys.argv[1:]
figures = {}
for line in open(file):
    if line.startswith(("ours ", "original ")):
        who, what, value = line.split()
        figures[who, what] = float(value)
ours = lambda what: figures["ours", what]
theirs = lambda what: figures["original", what]
failed = False


def must(what, value, least):
    global failed
    failed = failed or value < least
    print(f"{what}: {value:.3g}, want {least} or more" + ("" if value >= least else "  MISSED"))


assert ours("query_rows") == theirs("query_rows"), "the two find other activities"
million = int(n) >= 1_000_000
times = 150 if million else 12 if int(n) >= 100_000 else 1
must("the original's size to the archive's", theirs("bytes") / ours("bytes"), 1)
must("the original's query to the archive's, processor time", theirs("query_cpu_s") / ours("query_cpu_s"), times)
must("the original's memory to the archive's", theirs("query_peak_mb") / ours("query_peak_mb"), 20 if million else 1)
# Not failed on: what these take depends on what else the machine does.
for how, mb, what in ("at once", "json_mb", "archive_cpu_s"), ("day by day", "daily_json_mb", "daily_cpu_s"):
    print(f"archiving {how}: {ours(mb) / ours(what):.3g} MB of JSON a second of processor time, the original {ours(mb) / theirs(what):.3g}:"
          f" {theirs(what) / ours(what):.3g} times")
print(f"first query {1000 * ours('query_first_cpu_s'):.3g} ms")
sys.exit(failed)
