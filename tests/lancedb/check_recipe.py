"""Whether LanceDB, loaded with an export of vectors, finds what `claimledger search --by meaning` finds, and whether
the recipe says of its hits what the ledger believes.

usage: check_recipe.py ROOT     with claimledger in PATH; exit code 1 and the difference where there is one
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import lancedb_recipe as recipe

# Both add up floats, in another order each.
NEAR = 1e-5
NEAREST = 10


def run(*arguments):
    return subprocess.run(["claimledger", *arguments], check=True, capture_output=True, text=True).stdout


def found_by_search(question):
    """The cosine of each statement that is found, the nearest first, and what is believed of its line."""
    answer = recipe.claimledger(
        "search", "--by", "meaning", "--min-cosine", "0", "--history", "--limit", "1000", "--", question)
    claims = [(claim["cosine"], claim["statement"], line) for line in answer["lines"] for claim in line["claims"]]
    return sorted(claims, key=lambda claim: -claim[0])


def check_hits(database, question):
    hits, _ = recipe.hits(database, question, NEAREST)
    nearest = [(1 - hit["_distance"], hit["statement"]) for hit in hits if hit["_distance"] < 1 - NEAR]
    found = found_by_search(question)
    cosines = {statement: cosine for cosine, statement, _ in found}
    assert len(nearest) >= min(len(found), NEAREST) - 1, (question, nearest, found[:NEAREST])
    for (cosine, statement), (expected, _, _) in zip(nearest, found):
        assert abs(cosine - expected) < NEAR, (question, nearest, found[:NEAREST])
        assert abs(cosine - cosines[statement]) < NEAR, (question, statement, cosine, cosines[statement])
    return len(nearest)


def check_beliefs(database, question):
    """What the recipe says is what the search says of the same line."""
    beliefs = {(line["subject"], line["predicate"]): line["belief"] for _, _, line in found_by_search(question)}
    for line, cosine, belief in recipe.believed(database, question, 3):
        if cosine < NEAR:
            continue
        for field in ("status", "value"):
            assert belief[field] == beliefs[line][field], (question, line, belief, beliefs[line])


def export_and_load(name):
    export = pathlib.Path(name)
    run("vectors", "export", name)
    recipe.load(export, name + ".lance")
    return name + ".lance"


def check_questions(root):
    os.environ["CLAIMLEDGER_STORE"] = "sqlite:quality.db"
    quality = root / "tests" / "search" / "quality"
    run("ingest", str(quality / "claims.jsonl"), "--clock", "recorded_at")
    database = export_and_load("quality")
    questions = [json.loads(line)["question"] for line in (quality / "questions.jsonl").read_text().splitlines()]
    compared = sum(check_hits(database, question) for question in questions)
    for question in questions[::10]:
        check_beliefs(database, question)
    print(f"{len(questions)} questions, {compared} hits as claimledger search finds them")


def check_many(root):
    os.environ["CLAIMLEDGER_STORE"] = "sqlite:congress.db"
    run("ingest", str(root / "tools" / "examples" / "data" / "us-congress.jsonl"))
    database = export_and_load("congress")
    questions = ["senator of Iowa", "who is a Republican from Alaska", "independents in the Senate", "Nancy Pelosi"]
    compared = sum(check_hits(database, question) for question in questions)
    print(f"{len(questions)} questions to 5,586 statements, {compared} hits as claimledger search finds them")


def check_what_changed():
    os.environ["CLAIMLEDGER_STORE"] = "sqlite:moving.db"
    run("remember", "Ada", "home", "a flat in Berlin")
    run("correct", "Ada", "home", "a house in Munich")
    run("remember", "Ada", "pet", "a small dog")
    database = export_and_load("moving")
    run("correct", "Ada", "home", "a cottage in Ulm")
    run("retract", "Ada", "pet")

    def home(question, **options):
        return {line: belief["value"] for line, _, belief in recipe.believed(database, question, 2, **options)}

    # The nearest statement was corrected before the export, and what took its place after it.
    assert recipe.hits(database, "the flat in Berlin", 1)[0][0]["text"] == "Ada home a flat in Berlin"
    assert home("the flat in Berlin")["Ada", "home"] == "a house in Munich"
    assert home("the flat in Berlin", now=True)["Ada", "home"] == "a cottage in Ulm"
    assert home("the dog")["Ada", "pet"] == "a small dog"
    assert home("the dog", now=True)["Ada", "pet"] is None
    # Loaded anew, it is what is exported now.
    run("vectors", "export", "moved")
    recipe.load(pathlib.Path("moved"), database)
    assert home("the flat in Berlin")["Ada", "home"] == "a cottage in Ulm"
    shown = subprocess.run([sys.executable, recipe.__file__, "ask", database, "the flat in Berlin", "--limit", "1"],
                           check=True, capture_output=True, text=True).stdout
    assert shown.endswith("Ada · home: a cottage in Ulm (TimingUncertain)\n"), shown
    print("what has changed since is said as the ledger has it")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    for name in [name for name in os.environ if name.startswith("CLAIMLEDGER_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="claimledger-lancedb-") as folder:
        os.chdir(folder)
        check_questions(root)
        check_many(root)
        check_what_changed()


if __name__ == "__main__":
    main()
