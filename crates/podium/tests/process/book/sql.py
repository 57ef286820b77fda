"""Runs a file of SQL with DuckDB, which reads over HTTP where its extension is a package."""

import os
import sys

import duckdb

connection = duckdb.connect()
try:
    import duckdb_extension_httpfs as package
except ImportError:
    pass
else:
    root = os.path.join(os.path.dirname(package.__file__), "extensions")
    [version] = os.listdir(root)
    connection.load_extension(os.path.join(root, version, "httpfs.duckdb_extension"))

with open(sys.argv[1]) as file:
    statements = connection.extract_statements(file.read())
for statement in statements:
    connection.execute(statement)
    for row in connection.fetchall():
        print(*row, sep="\t")
