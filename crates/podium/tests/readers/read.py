"""Reads Podium's exports with the programs that people read them with.

Usage: read.py '{"url": …, "start": …, "end": …, "teams": [names], "models": [names]}'

pyarrow, pandas, polars and DuckDB read `/api/v1/facts.parquet` and Parquet and CSV from
`/api/v1/query`, each with its own types and its own sums, which have to be those that
`/api/v1/query` answers in JSON. `crates/podium/tests/process/readers.rs` starts what is read.
"""

import datetime
import io
import json
import math
import os
import sys
import tempfile
import urllib.parse
import urllib.request

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet

MEASURES = ["tokens", "requests", "spend_usd"]
DIMENSIONS = ["team", "model"]
# Spreadsheets take text that begins so for a formula; Podium puts an apostrophe before it.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
COUNTS = [
    "tokens",
    "prompt_tokens",
    "completion_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "requests",
    "successful_requests",
    "failed_requests",
]
AMOUNTS = ["spend_usd", "request_spend_usd", "flat_cost_usd"]
NAMES = ["team", "team_id", "api_key_alias", "api_key", "model"]


class Podium:
    def __init__(self, url, start, end):
        self.base, self.days = url, {"start_date": start, "end_date": end}

    def url(self, path, **parameters):
        return f"{self.base}/api/v1/{path}?{urllib.parse.urlencode(self.days | parameters)}"

    def bytes(self, path, **parameters):
        with urllib.request.urlopen(self.url(path, **parameters)) as answer:
            return answer.read()

    def sums(self, dimension):
        """What has to come out: (tokens, requests, spend_usd) by the names of a dimension."""
        answer = json.loads(self.bytes("query", by=dimension, measures=",".join(MEASURES)))
        columns = [column["name"] for column in answer["columns"]]
        at = [columns.index(name) for name in [dimension, *MEASURES]]
        sums = {row[at[0]]: tuple(row[place] for place in at[1:]) for row in answer["rows"]}
        assert len(sums) == len(answer["rows"]), f"names of {dimension} occur twice"
        whole = tuple(answer["totals"][measure] for measure in MEASURES)
        same(f"totals by {dimension}", {"": added(sums.values())}, {"": whole})
        return sums


def added(sums):
    tokens, requests, spend = zip(*sums, strict=True)
    return sum(tokens), sum(requests), math.fsum(spend)


def same(what, found, expected):
    """Counts are equal; amounts are, but for the order in which they were added."""
    assert found.keys() == expected.keys(), (
        f"{what}: other names: {sorted(found.keys() ^ expected.keys())}"
    )
    for name, (tokens, requests, spend) in expected.items():
        assert found[name][:2] == (tokens, requests), f"{what}: {name!r}: {found[name]}"
        assert math.isclose(found[name][2], spend, rel_tol=1e-9), f"{what}: {name!r}: {found[name]}"


def as_sums(rows):
    return {
        name: (int(tokens), int(requests), float(spend)) for name, tokens, requests, spend in rows
    }


def with_pyarrow(table, dimension):
    grouped = table.group_by(dimension).aggregate([(measure, "sum") for measure in MEASURES])
    columns = [grouped[dimension], *(grouped[f"{measure}_sum"] for measure in MEASURES)]
    return as_sums(zip(*(column.to_pylist() for column in columns), strict=True))


def with_pandas(frame, dimension):
    return as_sums(frame.groupby(dimension)[MEASURES].sum().itertuples())


def with_polars(frame, dimension):
    return as_sums(frame.group_by(dimension).agg(polars.col(MEASURES).sum()).rows())


def with_duckdb(connection, source, dimension):
    sums = ", ".join(f"sum({measure})" for measure in MEASURES)
    return as_sums(
        connection.sql(f"SELECT {dimension}, {sums} FROM {source} GROUP BY 1").fetchall()
    )


def over_http():
    """DuckDB, and whether it reads over HTTP: its extension is a package on some systems only."""
    connection = duckdb.connect()
    try:
        import duckdb_extension_httpfs as package
    except ImportError:
        return connection, False
    root = os.path.join(os.path.dirname(package.__file__), "extensions")
    [version] = os.listdir(root)
    connection.load_extension(os.path.join(root, version, "httpfs.duckdb_extension"))
    return connection, True


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def check_types(podium, connection, url, source):
    """Every column of the facts, as each of the programs understands it."""
    table = pyarrow.parquet.read_table(io.BytesIO(podium.bytes("facts.parquet")))
    arrow = {"bucket": pyarrow.date32()}
    arrow |= {name: pyarrow.string() for name in NAMES}
    arrow |= {name: pyarrow.int64() for name in COUNTS}
    arrow |= {name: pyarrow.float64() for name in AMOUNTS}
    assert dict(zip(table.schema.names, table.schema.types, strict=True)) == arrow, table.schema

    frame = polars.read_parquet(url)
    to_polars = {
        pyarrow.date32(): polars.Date,
        pyarrow.string(): polars.String,
        pyarrow.int64(): polars.Int64,
        pyarrow.float64(): polars.Float64,
    }
    assert dict(frame.schema) == {name: to_polars[kind] for name, kind in arrow.items()}, (
        frame.schema
    )

    panda = pandas.read_parquet(url)
    for name in COUNTS + AMOUNTS:
        assert panda[name].dtype == ("int64" if name in COUNTS else "float64"), panda.dtypes
    assert isinstance(panda["bucket"].iloc[0], datetime.date), panda["bucket"]
    assert isinstance(panda["team"].iloc[0], str), panda["team"]

    described = connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    to_duckdb = {"date32[day]": "DATE", "string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE"}
    found = {name: kind for name, kind, *_ in described}
    assert found == {name: to_duckdb[str(kind)] for name, kind in arrow.items()}, described

    # Below a day a bucket is a moment.
    hours = podium.bytes("query", grain="1h", by="team", format="parquet")
    kind = pyarrow.parquet.read_schema(io.BytesIO(hours)).field("bucket").type
    assert kind == pyarrow.timestamp("us", tz="UTC"), kind


def check_parquet(podium, expected, connection, duckdb_reads):
    of_both = {
        "by": "team,model",
        "grain": "1d",
        "measures": ",".join(MEASURES),
        "format": "parquet",
    }
    for path, parameters in [("facts.parquet", {}), ("query", of_both)]:
        url = podium.url(path, **parameters)
        source = duckdb_reads("read_parquet", url, podium.bytes(path, **parameters))
        table = pyarrow.parquet.read_table(io.BytesIO(podium.bytes(path, **parameters)))
        panda, polar, lazy = (
            pandas.read_parquet(url),
            polars.read_parquet(url),
            polars.scan_parquet(url),
        )
        for dimension, sums in expected.items():
            what = f"{path} by {dimension}"
            same(f"pyarrow: {what}", with_pyarrow(table, dimension), sums)
            same(f"pandas: {what}", with_pandas(panda, dimension), sums)
            same(f"polars: {what}", with_polars(polar, dimension), sums)
            same(f"polars, lazily: {what}", with_polars(lazy.collect(), dimension), sums)
            same(f"DuckDB: {what}", with_duckdb(connection, source, dimension), sums)
        if path == "facts.parquet":
            check_types(podium, connection, url, source)


def check_csv(podium, expected, connection, duckdb_reads):
    german = {"sep": "semicolon", "decimal": "comma"}
    ways = [{}, {"bom": "true"}, german, german | {"bom": "true"}, {"sep": "tab"}]
    of_both = {"by": "team,model", "grain": "1d", "measures": ",".join(MEASURES), "format": "csv"}
    for way in ways:
        url, content = (
            podium.url("query", **of_both, **way),
            podium.bytes("query", **of_both, **way),
        )
        assert content.startswith(b"\xef\xbb\xbf") == ("bom" in way), f"{way}: {content[:20]}"
        separator = {"semicolon": ";", "tab": "\t"}.get(way.get("sep"), ",")
        decimal = "," if way.get("decimal") == "comma" else "."
        panda = pandas.read_csv(url, sep=separator, decimal=decimal, keep_default_na=False)
        assert [str(panda[name].dtype) for name in MEASURES] == ["int64", "int64", "float64"], (
            panda.dtypes
        )
        options = (
            f", delim = {quoted(separator)}, decimal_separator = {quoted(decimal)}, header = true"
        )
        source = duckdb_reads("read_csv", url, content, options)
        kinds = dict(
            connection.sql(
                f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {source})"
            ).fetchall()
        )
        assert [kinds[name] for name in MEASURES] == ["BIGINT", "BIGINT", "DOUBLE"], kinds
        for dimension, sums in expected.items():
            guarded = {
                ("'" + name if name.startswith(FORMULAS) else name): sum
                for name, sum in sums.items()
            }
            same(f"pandas: CSV {way} by {dimension}", with_pandas(panda, dimension), guarded)
            same(
                f"DuckDB: CSV {way} by {dimension}",
                with_duckdb(connection, source, dimension),
                guarded,
            )


def main():
    given = json.loads(sys.argv[1])
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    podium = Podium(given["url"], given["start"], given["end"])
    expected = {dimension: podium.sums(dimension) for dimension in DIMENSIONS}
    for dimension in DIMENSIONS:
        missing = set(given[dimension + "s"]) - expected[dimension].keys()
        assert not missing, f"no {dimension} is called {missing}"

    connection, http = over_http()
    with tempfile.TemporaryDirectory() as directory:
        written = []

        def duckdb_reads(function, url, content, options=""):
            """What DuckDB selects from: the address, or a file where it cannot read over HTTP."""
            if http:
                return f"{function}({quoted(url)}{options})"
            path = os.path.join(directory, str(len(written)))
            written.append(path)
            with open(path, "wb") as file:
                file.write(content)
            return f"{function}({quoted(path)}{options})"

        check_parquet(podium, expected, connection, duckdb_reads)
        check_csv(podium, expected, connection, duckdb_reads)
    duckdb_way = "over HTTP" if http else "from files, as its extension for HTTP is missing"
    print(
        f"pyarrow {pyarrow.__version__}, pandas {pandas.__version__}, "
        f"polars {polars.__version__} and "
        f"DuckDB {duckdb.__version__} ({duckdb_way}) agree on {len(expected['team'])} teams and "
        f"{len(expected['model'])} models"
    )


main()
