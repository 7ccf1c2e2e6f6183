"""The nine edits of the public tamper suite agmi (PyPI: agent-memory-integrity), made to a ledger in SQLite.

The attacker has the files, knows the schema, takes the guards away for an edit and puts them back to the letter. Not
within reach is the file of noted heads (claimledger verify --head-file), which is kept elsewhere.

usage: agmi_adapter.py CLAIMLEDGER     prints the row of the scorecard; exit code 1 where an edit was not found
"""

import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from agmi.adapters.base import MemoryAdapter, Record
from agmi.attacks.at_rest import AT_REST_ATTACKS_WITH_SNAPSHOT
from agmi.runner import format_scorecard, run_matrix

FIRST, SECOND = "ada", "bob"
SAID = ("body", "content", "salt", "search_text")  # the columns of what an entry says
SLOT = ("agent_id", "stream_seq")


class Claimledger(MemoryAdapter):
    name = "claimledger"
    supports_replay = True
    supports_metadata = True
    supports_snapshot = True

    def __init__(self, program):
        self.program = program

    def setup(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="claimledger-agmi-"))
        self.store = self.folder / "store"
        self.store.mkdir()
        self.database = self.store / "agent.db"
        self.heads = self.folder / "heads"  # not in the store's folder
        self.dropped = []

    def teardown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- through the tool ---------------------------------------------------------------------------------------

    def call(self, *words):
        return subprocess.run([self.program, "--store", f"sqlite:{self.database}", *words], capture_output=True,
                              text=True, check=False)

    def say(self, agent, subject, value):
        said = self.call("--agent", agent, "remember", subject, "said", value, "--actor", "seed")
        if said.returncode != 0:
            raise RuntimeError(said.stderr)

    def note(self):
        noted = self.call("verify", "--all", "--head-file", str(self.heads))
        if noted.returncode != 0:
            raise RuntimeError(noted.stdout + noted.stderr)

    def seed(self, n):
        for i in range(n):
            self.say(FIRST, f"memory-{i}", f"genuine-{i}")
        self.note()

    def seed_other(self, n):
        for i in range(n):
            self.say(SECOND, f"other-{i}", f"elsewhere-{i}")
        self.note()

    def append_genuine(self):
        self.say(FIRST, "memory-last", "genuine-last")
        self.note()

    def reload(self):
        self.put_back()

    def verify(self):
        found = self.call("verify", "--all", "--head-file", str(self.heads))
        self.verify_detail = (found.stdout + found.stderr).strip().splitlines()[0]
        return found.returncode == 0

    # --- past the tool ------------------------------------------------------------------------------------------

    def raw(self):
        connection = sqlite3.connect(self.database, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA ignore_check_constraints = ON")
        return connection

    def take_away(self, connection):
        """Drops triggers and indexes, until reload()."""
        objects = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, sql in objects:
            connection.execute(f"DROP {kind} {name}")
            self.dropped.append(sql)

    def put_back(self):
        connection = self.raw()
        for sql in self.dropped:
            try:
                connection.execute(sql)
            except sqlite3.IntegrityError:
                pass  # a unique index that the edited rows do not allow: it stays away
        self.dropped = []
        connection.close()

    def read(self, agent):
        connection = self.raw()
        rows = connection.execute(
            "SELECT e.* FROM entry e JOIN agent a USING (agent_id) WHERE a.name = ? ORDER BY stream_seq",
            (agent,)).fetchall()
        connection.close()
        records = []
        for row in rows:
            fields = {key: row[key].hex() if isinstance(row[key], bytes) else row[key] for key in row.keys()}
            fields["id"] = f"{agent}/{row['stream_seq']}"
            records.append(Record(row["stream_seq"], fields))
        return records

    def read_all_raw(self):
        return self.read(FIRST)

    def read_other_raw(self):
        return self.read(SECOND)

    def columns(self, connection):
        return [(row["name"], row["type"]) for row in connection.execute("PRAGMA table_info(entry)")]

    def write_raw(self, record):
        connection = self.raw()
        self.take_away(connection)
        values = {}
        for name, kind in self.columns(connection):
            value = record.fields[name]
            values[name] = bytes.fromhex(value) if kind == "BLOB" and value is not None else value
        values["stream_seq"] = record.seq
        there = connection.execute("SELECT 1 FROM entry WHERE agent_id = ? AND stream_seq = ?",
                                   (values["agent_id"], record.seq)).fetchone()
        if there:
            changed = [name for name in values if name not in SLOT]
            connection.execute(
                f"UPDATE entry SET {', '.join(name + ' = ?' for name in changed)} "
                "WHERE agent_id = ? AND stream_seq = ?",
                [values[name] for name in changed] + [values["agent_id"], record.seq])
        else:
            connection.execute(f"INSERT INTO entry ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                               list(values.values()))
        connection.close()

    def delete_raw(self, seq):
        """With all that is filed for the entry."""
        connection = self.raw()
        self.take_away(connection)
        agent = connection.execute("SELECT agent_id FROM agent WHERE name = ?", (FIRST,)).fetchone()[0]
        for table, column in (("entry", "stream_seq"), ("line", "first_seq"), ("derivation", "child_seq"),
                              ("served", "stream_seq")):
            connection.execute(f"DELETE FROM {table} WHERE agent_id = ? AND {column} = ?", (agent, seq))
        connection.close()

    def identity_of(self, record):
        return record.fields["id"]

    def owner_of(self, record):
        return record.fields["id"].split("/")[0]

    def payload_of(self, record):
        return json.dumps([record.fields[name] for name in SAID])

    def mutate_payload(self, record):
        content = bytes.fromhex(record.fields["content"])
        altered = content.replace(b"genuine", b"altered")
        if altered == content:
            raise RuntimeError("the content does not hold the word")
        record.fields["content"] = altered.hex()
        return record

    def forge_record(self, template):
        forged = self.mutate_payload(Record(template.seq + 1, dict(template.fields)))
        forged.fields["id"] = f"{FIRST}/{forged.seq}"
        for name in ("claim_id", "batch_id"):
            forged.fields[name] = forged.fields[name][:-4] + "beef"
        return forged

    def replay_onto(self, victim_seq, donor):
        victim = next(record for record in self.read(FIRST) if record.seq == victim_seq)
        for name in SAID:
            victim.fields[name] = donor.fields[name]
        self.write_raw(victim)

    def read_meta(self, seq):
        return {"actor": next(record for record in self.read(FIRST) if record.seq == seq).fields["actor"]}

    def write_meta(self, seq, meta):
        record = next(record for record in self.read(FIRST) if record.seq == seq)
        record.fields["actor"] = json.dumps(meta)
        self.write_raw(record)

    def snapshot_store(self):
        copy = self.folder / "copy"
        shutil.copytree(self.store, copy)
        return copy

    def restore_store(self, token):
        shutil.rmtree(self.store)
        shutil.copytree(token, self.store)


def main():
    attacks = [attack() for attack in AT_REST_ATTACKS_WITH_SNAPSHOT]
    results = run_matrix([Claimledger(sys.argv[1])], attacks)
    print(format_scorecard(results, attacks))
    for result in results:
        if result.status != "safe":
            print(f"  {result.attack}: {result.status}: {result.guard or result.error or result.detail}")
    found = sum(result.status == "safe" for result in results)
    print(f"{found} of {len(results)} edits found")
    sys.exit(0 if found == len(results) == 9 else 1)


if __name__ == "__main__":
    main()
