"""Answers queries in Athena's dialect, by DuckDB.

Reads a JSON object on each line of its input, and answers each with one:
{"tables": {table: [column, …]}, "files": {key: text}}   a new export in the database "patching"
{"sql": query}                                           its rows, each a list of texts and nulls
{"parse": statement}                                     whether it is one statement of Athena's dialect
"""
import functools
import json
import sys

import duckdb
import sqlglot

PARTITIONS = ("accountid", "region", "resourcetype")


def load(tables, files):
    # For tables of some rows threads cost more than they save.
    database = duckdb.connect(config={"threads": 1})
    database.execute("SET TimeZone = 'UTC'")
    database.execute('CREATE SCHEMA "patching"')
    for table, columns in tables.items():
        names = ", ".join(f'"{name}" VARCHAR' for name in (*columns, *PARTITIONS))
        database.execute(f'CREATE TABLE "patching"."{table}" ({names})')
    rows = {table: [] for table in tables}
    for key, text in files.items():
        kind, *folders, _ = key.split("/")
        table = kind.lower().replace(":", "_")
        partitions = [dict(folder.split("=") for folder in folders)[name] for name in PARTITIONS]
        for line in filter(None, text.split("\n")):
            # The SerDe ignores the case of names.
            members = {name.lower(): value for name, value in json.loads(line).items()}
            values = [members.get(name) for name in tables[table]]
            texts = [value if value is None else str(value) for value in values]
            rows[table].append(texts + partitions)
    for table, values in rows.items():
        if values:
            row = "(" + ", ".join("?" * len(values[0])) + ")"
            every = ", ".join([row] * len(values))
            flat = [value for row in values for value in row]
            database.execute(f'INSERT INTO "patching"."{table}" VALUES {every}', flat)
    return database


@functools.cache
def in_duckdb(sql):
    """A query of Athena's dialect in DuckDB's."""
    (statement,) = sqlglot.parse(sql, read="athena")
    return statement.sql(dialect="duckdb")


def answer(database, sql):
    rows = database.execute(in_duckdb(sql)).fetchall()
    return [[value if value is None else str(value) for value in row] for row in rows]


database = None
for line in sys.stdin:
    asked = json.loads(line)
    try:
        if "files" in asked:
            database = load(asked["tables"], asked["files"])
            said = {}
        elif "sql" in asked:
            said = {"rows": answer(database, asked["sql"])}
        else:
            (statement,) = sqlglot.parse(asked["parse"], read="athena")
            said = {"kind": type(statement).__name__}
    except Exception as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), flush=True)
