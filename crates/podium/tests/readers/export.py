"""Reads an export of Podium's with the programs that people read it with.

Usage: export.py DIRECTORY CHAPTER

pyarrow, pandas, polars and DuckDB read every file, each with its own types. The rows of a day add
up to the day, names are what they are, and the questions in the documentation are answered.
`crates/podium/tests/process/readers.rs` makes what is read.
"""

import json
import os
import re
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

ARROW = {
    "day": "date32[day]",
    "is_rest": "bool",
    "spend_usd": "double",
    "total_tokens": "int64",
    "team_id": "string",
    "starts_at": "timestamp[us, tz=UTC]",
    "duration_bands": "list<element: int64 not null>",
    "identity": "binary",
}
COUNTS = ["total_tokens", "requests", "successful_requests", "failed_requests"]


def check_files(directory):
    with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    assert (manifest["format"], manifest["version"]) == ("podium-export", 1), manifest
    for file in manifest["files"]:
        path = os.path.join(directory, file["name"])
        table = pyarrow.parquet.read_table(path)
        lengths = {
            "pyarrow": table.num_rows,
            "pandas": len(pandas.read_parquet(path)),
            "polars": polars.read_parquet(path).height,
            "DuckDB": duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchone()[0],
        }
        assert set(lengths.values()) == {file["rows"]}, f"{file}: {lengths}"
        assert file["rows"] > 0 or file["name"] == "findings.parquet", f"{file} has nothing"
        for name, kind in ARROW.items():
            if name in table.schema.names:
                found = str(table.schema.field(name).type)
                assert found == kind, f"{file['name']}: {name} is {found}, and not {kind}"


def check_sums():
    sums = ", ".join(f"sum({count}) AS {count}" for count in COUNTS)
    days = f"SELECT day, {', '.join(COUNTS)} FROM 'days.parquet' WHERE has_usage"
    for source in ["team_usage", "key_usage", "model_usage"]:
        found = f"SELECT day, {sums} FROM '{source}.parquet' GROUP BY day"
        missing = duckdb.sql(f"({days}) EXCEPT ({found})").fetchall()
        assert not missing, f"{source} does not add up to {missing}"
    found = f"SELECT day, {sums} FROM 'facet_usage.parquet' GROUP BY day, facet"
    strange = duckdb.sql(f"({found}) EXCEPT ({days})").fetchall()
    assert not strange, f"facets do not add up: {strange}"
    bands = "SELECT sum(list_sum(duration_counts)) FROM 'quarter_hours.parquet'"
    timed = duckdb.sql("SELECT sum(timed_requests) FROM 'quarter_hours.parquet'").fetchone()
    assert duckdb.sql(bands).fetchone() == timed, "bands do not hold the timed requests"


def check_documented(chapter):
    """Each question of the documentation has an answer."""
    with open(chapter, encoding="utf-8") as file:
        text = file.read()
    questions = re.findall(r'^duckdb -c "(.*?)"$', text, re.MULTILINE | re.DOTALL)
    assert len(questions) == 3, questions
    for question in questions:
        rows = duckdb.sql(
            question.replace("2026-11-01", "2000-01-01").replace("2026-11-30", "2100-01-01")
        ).fetchall()
        assert rows and all(value is not None for value in rows[0]), f"{question}: {rows}"
        if "by_model" in question:
            assert rows[0][0] == rows[0][1], rows


def main():
    directory, chapter = map(os.path.abspath, sys.argv[1:])
    check_files(directory)
    os.chdir(directory)
    check_sums()
    check_documented(chapter)
    print("an export is read by pyarrow, pandas, polars and DuckDB")


main()
