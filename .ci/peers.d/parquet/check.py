"""Reads an archive with pyarrow, pandas and DuckDB, and compares counts and sums with those that the test wrote down."""
import json
import pathlib
import sys

import duckdb
import pandas
import pyarrow.parquet

root = pathlib.Path(sys.argv[1])
for table, want in json.loads((root / "want.json").read_text()).items():
    folder, column = root / "files/v1" / table, want["column"]
    times = 2 if column == "confidence" else 1
    files = sorted(folder.rglob("*.parquet"))
    arrow = [pyarrow.parquet.ParquetFile(f).read() for f in files]
    frame = pandas.concat([pandas.read_parquet(f) for f in files])
    query = f"select count(*), sum({column}) from read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
    [(rows, total)] = duckdb.sql(query).fetchall()
    for peer, got in {
        "pyarrow": (sum(t.num_rows for t in arrow), sum(sum(t[column].to_pylist()) for t in arrow)),
        "pandas": (len(frame), frame[column].sum()),
        "duckdb": (rows, total),
    }.items():
        got = (int(got[0]), int(times * got[1]))
        print(table, peer, *got)
        if got != (want["rows"], want["sum"]):
            sys.exit(f"{peer} reads {got} of {table}, want {want}")
