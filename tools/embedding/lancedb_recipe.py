#!/usr/bin/env python3
"""Loads an export of vectors into LanceDB, asks it, and has claimledger say what is believed about its hits.

  claimledger vectors export EXPORT                      the vectors of a ledger, and what they are of
  pip install -r tools/embedding/lancedb_requirements.txt
  lancedb_recipe.py load EXPORT DATABASE                 in the place of what was loaded before
  lancedb_recipe.py ask DATABASE QUESTION [--now]        what was believed at the position of the export; or now

A hit is a statement, and may have been corrected, ended or contradicted since: what is printed is what the ledger says
of its line. Options for claimledger (--store, --embed-cmd …) stand in its environment: CLAIMLEDGER_STORE and so on.
"""
import argparse
import itertools
import json
import pathlib
import subprocess
import sys

import lancedb
import numpy
import pyarrow

ABOUT = b"claimledger"  # in the table's schema: export.json
ROWS_AT_ONCE = 10_000


def load(export, database):
    about = json.loads((export / "export.json").read_text())
    vectors = numpy.load(export / "vectors.npy", mmap_mode="r")
    schema = pyarrow.schema(
        [
            ("vector", pyarrow.list_(pyarrow.float32(), about["model"]["dimensions"])),
            ("statement", pyarrow.uint64()),
            ("subject", pyarrow.string()),
            ("predicate", pyarrow.string()),
            ("text", pyarrow.string()),
        ],
        metadata={ABOUT: json.dumps(about)},
    )

    def batches():
        with open(export / "statements.jsonl", encoding="utf-8") as lines:
            for begin in range(0, len(vectors), ROWS_AT_ONCE):
                some = vectors[begin : begin + ROWS_AT_ONCE]
                said = [json.loads(line) for line in itertools.islice(lines, len(some))]
                numbers = pyarrow.array(some.reshape(-1))
                columns = [pyarrow.FixedSizeListArray.from_arrays(numbers, some.shape[1])]
                columns += [pyarrow.array([each[name] for each in said], schema.field(name).type)
                            for name in schema.names[1:]]
                yield pyarrow.record_batch(columns, schema=schema)

    lancedb.connect(database).create_table("statements", data=batches(), schema=schema, mode="overwrite")
    return about


def claimledger(*arguments):
    """Its answer. Exit code 1 is one too: contested, or no belief."""
    ran = subprocess.run(["claimledger", "--json", *arguments], capture_output=True, text=True)
    if ran.returncode not in (0, 1):
        sys.exit(ran.stderr)
    return json.loads(ran.stdout)


def hits(database, question, limit):
    """The nearest statements, the nearest first, and what they were exported from."""
    table = lancedb.connect(database).open_table("statements")
    about = json.loads(table.schema.metadata[ABOUT])
    asked = claimledger("embed", f"--question={question}")
    if asked["model"] != about["model"]:
        sys.exit(f"the vectors are of {about['model']}, and the question's is of {asked['model']}")
    return table.search(asked["vector"]).distance_type("cosine").limit(limit).to_list(), about


def believed(database, question, limit=10, now=False):
    """For each line of which a statement was hit: the line, how near it came, and what is believed."""
    nearest, about = hits(database, question, limit)
    at = [] if now else ["--position", str(about["position"])]
    lines = {}
    for hit in nearest:
        line = (hit["subject"], hit["predicate"])
        if line not in lines:
            belief = claimledger("recall", "--agent", about["agent"], *at, "--", *line)
            lines[line] = (1 - hit["_distance"], belief)
    return [(line, cosine, belief) for line, (cosine, belief) in lines.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    loading = verbs.add_parser("load")
    loading.add_argument("export", type=pathlib.Path)
    loading.add_argument("database")
    asking = verbs.add_parser("ask")
    asking.add_argument("database")
    asking.add_argument("question")
    asking.add_argument("--limit", type=int, default=10)
    asking.add_argument("--now", action="store_true")
    options = parser.parse_args()
    if options.verb == "load":
        about = load(options.export, options.database)
        print(f"{about['vectors']} vectors of {about['agent']}, up to entry {about['position']}")
        return
    found = believed(options.database, options.question, options.limit, options.now)
    for (subject, predicate), cosine, belief in found:
        sides = [belief["value"]] if belief["value"] is not None else [each["value"] for each in belief["alternatives"]]
        print(f"{cosine:.3f}  {subject} · {predicate}: {', '.join(map(str, sides)) or 'nothing'} ({belief['status']})")


if __name__ == "__main__":
    main()
