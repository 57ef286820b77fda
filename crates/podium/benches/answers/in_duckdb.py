"""Times the bench's questions in DuckDB, in memory, on the facts that Podium exports.

Usage: in_duckdb.py URL ANSWERS. Prints {"version", "totals", "seconds": {question: median},
"seconds_as_json": {question: median}}.
"""

import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request

import duckdb

THREADS = 2
# Files here are never written to a disk.
MEMORY = "/dev/shm"
QUESTIONS = {
    "/tokens": """SELECT team_id, api_key, model, sum(tokens), sum(prompt_tokens),
        sum(completion_tokens) FROM facts GROUP BY ALL""",
    "/tokens/timeseries": """SELECT bucket, team_id, sum(tokens), sum(requests),
        sum(successful_requests), sum(failed_requests) FROM facts GROUP BY ALL""",
    "/tokens/models": "SELECT model, sum(tokens) FROM facts GROUP BY ALL",
    "/tokens/cost-efficiency": """SELECT team_id, model, sum(spend_usd), sum(tokens)
        FROM facts GROUP BY ALL""",
    "/api/v1/activity?grain=1d&by=model&measures=tokens": """SELECT bucket, model, sum(tokens)
        FROM facts GROUP BY ALL""",
    "/api/v1/activity?grain=1d&by=api_key&measures=tokens": """SELECT bucket, api_key, sum(tokens)
        FROM facts GROUP BY ALL""",
}


def median(answers, ask):
    took = []
    for _ in range(answers + 1):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return statistics.median(took[1:])


def in_columns(connection, answers):
    return {
        question: median(answers, lambda sql=sql: connection.execute(sql).fetchnumpy())
        for question, sql in QUESTIONS.items()
    }


def as_json(connection, answers):
    """The rows as a frontend needs them, which is what Podium is timed with."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None) as directory:
        path = os.path.join(directory, "answer.json")

        def ask(sql):
            connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT json, ARRAY true)")
            with open(path, "rb") as file:
                file.read()

        return {
            question: median(answers, lambda sql=sql: ask(sql))
            for question, sql in QUESTIONS.items()
        }


def main():
    url, answers = sys.argv[1], int(sys.argv[2])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "facts.parquet")
        with opener.open(url) as answer, open(path, "wb") as file:
            file.write(answer.read())
        connection.execute(f"CREATE TABLE facts AS SELECT * FROM '{path}'")
    totals = "SELECT sum(tokens), sum(requests), sum(spend_usd) FROM facts"
    tokens, requests, spend = connection.execute(totals).fetchone()
    told = {
        "version": duckdb.__version__,
        "totals": {"tokens": int(tokens), "requests": int(requests), "spend_usd": spend},
        "seconds": in_columns(connection, answers),
        "seconds_as_json": as_json(connection, answers),
    }
    print(json.dumps(told))


main()
