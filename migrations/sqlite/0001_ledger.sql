-- The ledger. Every key starts with agent_id and no content stands in a key, so that content can be erased and an agent
-- taken out whole. Times are microseconds since 1970; ids and digests are bytes. The triggers at the end refuse every
-- change of what was written, whoever connects.

CREATE TABLE agent (
  agent_id INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE batch (
  agent_id    INTEGER NOT NULL REFERENCES agent,
  first_seq   INTEGER NOT NULL,
  last_seq    INTEGER NOT NULL CHECK (last_seq >= first_seq),
  batch_id    BLOB    NOT NULL CHECK (length(batch_id) = 16),
  recorded_at INTEGER NOT NULL,
  clock       TEXT    NOT NULL,
  actor       TEXT    NOT NULL,
  format      INTEGER NOT NULL,
  PRIMARY KEY (agent_id, first_seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX batch_by_id ON batch (agent_id, batch_id);
CREATE INDEX batch_by_time ON batch (agent_id, recorded_at);

-- A line by number; its name is content and may go (both NULL) once all that was said on it is erased.
CREATE TABLE line (
  agent_id  INTEGER NOT NULL REFERENCES agent,
  line_no   INTEGER NOT NULL,
  subject   TEXT,
  predicate TEXT,
  first_seq INTEGER NOT NULL,  -- of its first entry
  PRIMARY KEY (agent_id, line_no),
  CHECK ((subject IS NULL) = (predicate IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX line_by_name ON line (agent_id, subject, predicate);

-- Where a claim was recorded.
CREATE TABLE claim (
  agent_id   INTEGER NOT NULL REFERENCES agent,
  claim_id   BLOB    NOT NULL CHECK (length(claim_id) = 16),
  stream_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, claim_id)
) STRICT, WITHOUT ROWID;

-- kind and disposition are spelled as core spells them; a later version may know more of them, so there is no CHECK.
CREATE TABLE entry (
  agent_id    INTEGER NOT NULL,
  stream_seq  INTEGER NOT NULL,
  batch_seq   INTEGER NOT NULL,  -- first_seq of its batch
  recorded_at INTEGER NOT NULL,  -- that of its batch
  kind        TEXT    NOT NULL,
  disposition TEXT,              -- NULL: carries none
  line_no     INTEGER,           -- NULL: belongs to no line
  claim_id    BLOB,              -- NULL: is about no claim
  handle      BLOB CHECK (length(handle) = 16),  -- NULL: is about no question
  body        BLOB    NOT NULL,
  hash        BLOB    NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (agent_id, stream_seq),
  FOREIGN KEY (agent_id, batch_seq) REFERENCES batch,
  FOREIGN KEY (agent_id, line_no) REFERENCES line,
  FOREIGN KEY (agent_id, claim_id) REFERENCES claim
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_by_line ON entry (agent_id, line_no) WHERE line_no IS NOT NULL;
-- A claim's own ClaimRecorded is found by the table claim.
CREATE INDEX entry_by_claim ON entry (agent_id, claim_id) WHERE claim_id IS NOT NULL AND kind <> 'ClaimRecorded';
CREATE UNIQUE INDEX entry_by_handle ON entry (agent_id, handle, kind) WHERE handle IS NOT NULL;
CREATE INDEX entry_by_kind ON entry (agent_id, kind);
CREATE INDEX entry_by_disposition ON entry (agent_id, disposition) WHERE disposition IS NOT NULL;

-- What a caller typed. Erasing it makes salt, body and lookup NULL.
CREATE TABLE content (
  agent_id   INTEGER NOT NULL,
  stream_seq INTEGER NOT NULL,
  salt       BLOB CHECK (length(salt) = 16),
  body       BLOB,
  lookup     TEXT,  -- NULL: not looked up
  PRIMARY KEY (agent_id, stream_seq),
  FOREIGN KEY (agent_id, stream_seq) REFERENCES entry,
  CHECK ((salt IS NULL) = (body IS NULL)),
  CHECK (body IS NOT NULL OR lookup IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_by_lookup ON content (agent_id, lookup) WHERE lookup IS NOT NULL;

-- Which claim was derived from which.
CREATE TABLE edge (
  agent_id  INTEGER NOT NULL,
  parent_id BLOB    NOT NULL,
  child_seq INTEGER NOT NULL,
  child_id  BLOB    NOT NULL,
  PRIMARY KEY (agent_id, parent_id, child_seq),
  FOREIGN KEY (agent_id, parent_id) REFERENCES claim,
  FOREIGN KEY (agent_id, child_id) REFERENCES claim
) STRICT, WITHOUT ROWID;

-- Which entry a key produced; the digest of the key, never the key.
CREATE TABLE idempotency (
  agent_id   INTEGER NOT NULL,
  key_digest BLOB    NOT NULL CHECK (length(key_digest) = 32),
  stream_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, key_digest),
  FOREIGN KEY (agent_id, stream_seq) REFERENCES entry
) STRICT, WITHOUT ROWID;

-- Which claims a Served entry names.
CREATE TABLE served (
  agent_id   INTEGER NOT NULL,
  claim_id   BLOB    NOT NULL,
  stream_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, claim_id, stream_seq),
  FOREIGN KEY (agent_id, claim_id) REFERENCES claim,
  FOREIGN KEY (agent_id, stream_seq) REFERENCES entry
) STRICT, WITHOUT ROWID;

-- Whose content is gone, and the tombstone that says so.
CREATE TABLE erased (
  agent_id      INTEGER NOT NULL,
  stream_seq    INTEGER NOT NULL,
  tombstone_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, stream_seq),
  FOREIGN KEY (agent_id, stream_seq) REFERENCES content,
  FOREIGN KEY (agent_id, tombstone_seq) REFERENCES entry
) STRICT, WITHOUT ROWID;

-- Inserting an existing key is refused by a trigger of its own: INSERT OR REPLACE deletes without asking the others.

CREATE TRIGGER agent_insert BEFORE INSERT ON agent
  WHEN EXISTS (SELECT 1 FROM agent WHERE agent_id = NEW.agent_id OR name = NEW.name)
  BEGIN SELECT RAISE(ABORT, 'agent: the ledger only grows'); END;
CREATE TRIGGER agent_update BEFORE UPDATE ON agent
  BEGIN SELECT RAISE(ABORT, 'agent: the ledger only grows'); END;
CREATE TRIGGER agent_delete BEFORE DELETE ON agent
  BEGIN SELECT RAISE(ABORT, 'agent: the ledger only grows'); END;

CREATE TRIGGER batch_insert BEFORE INSERT ON batch
  WHEN NEW.first_seq IS NOT 1 + COALESCE((SELECT last_seq FROM batch WHERE agent_id = NEW.agent_id
                                           ORDER BY first_seq DESC LIMIT 1), 0)
    OR EXISTS (SELECT 1 FROM batch WHERE agent_id = NEW.agent_id AND batch_id = NEW.batch_id)
  BEGIN SELECT RAISE(ABORT, 'batch: the ledger only grows'); END;
CREATE TRIGGER batch_update BEFORE UPDATE ON batch
  BEGIN SELECT RAISE(ABORT, 'batch: the ledger only grows'); END;
CREATE TRIGGER batch_delete BEFORE DELETE ON batch
  BEGIN SELECT RAISE(ABORT, 'batch: the ledger only grows'); END;

CREATE TRIGGER line_insert BEFORE INSERT ON line
  WHEN EXISTS (SELECT 1 FROM line WHERE agent_id = NEW.agent_id AND line_no = NEW.line_no)
    OR EXISTS (SELECT 1 FROM line WHERE agent_id = NEW.agent_id AND subject = NEW.subject AND predicate = NEW.predicate)
  BEGIN SELECT RAISE(ABORT, 'line: the ledger only grows'); END;
CREATE TRIGGER line_update BEFORE UPDATE ON line
  WHEN NEW.subject IS NOT NULL OR NEW.predicate IS NOT NULL OR OLD.subject IS NULL
    OR NEW.agent_id IS NOT OLD.agent_id OR NEW.line_no IS NOT OLD.line_no OR NEW.first_seq IS NOT OLD.first_seq
    OR NOT EXISTS (SELECT 1 FROM entry JOIN erased USING (agent_id, stream_seq)
                    WHERE entry.agent_id = OLD.agent_id AND entry.line_no = OLD.line_no)
    OR EXISTS (SELECT 1 FROM entry JOIN content USING (agent_id, stream_seq)
                WHERE entry.agent_id = OLD.agent_id AND entry.line_no = OLD.line_no AND content.body IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'line: only the name of a line whose content is erased may go'); END;
CREATE TRIGGER line_delete BEFORE DELETE ON line
  BEGIN SELECT RAISE(ABORT, 'line: the ledger only grows'); END;

CREATE TRIGGER claim_insert BEFORE INSERT ON claim
  WHEN EXISTS (SELECT 1 FROM claim WHERE agent_id = NEW.agent_id AND claim_id = NEW.claim_id)
  BEGIN SELECT RAISE(ABORT, 'claim: the ledger only grows'); END;
CREATE TRIGGER claim_update BEFORE UPDATE ON claim
  BEGIN SELECT RAISE(ABORT, 'claim: the ledger only grows'); END;
CREATE TRIGGER claim_delete BEFORE DELETE ON claim
  BEGIN SELECT RAISE(ABORT, 'claim: the ledger only grows'); END;

CREATE TRIGGER entry_insert BEFORE INSERT ON entry
  WHEN NEW.stream_seq IS NOT 1 + COALESCE((SELECT stream_seq FROM entry WHERE agent_id = NEW.agent_id
                                            ORDER BY stream_seq DESC LIMIT 1), 0)
    OR (NEW.handle IS NOT NULL AND EXISTS (SELECT 1 FROM entry WHERE agent_id = NEW.agent_id
                                              AND handle = NEW.handle AND kind = NEW.kind))
  BEGIN SELECT RAISE(ABORT, 'entry: the ledger only grows'); END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry
  BEGIN SELECT RAISE(ABORT, 'entry: the ledger only grows'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'entry: the ledger only grows'); END;

CREATE TRIGGER content_insert BEFORE INSERT ON content
  WHEN NEW.body IS NULL
    OR EXISTS (SELECT 1 FROM content WHERE agent_id = NEW.agent_id AND stream_seq = NEW.stream_seq)
  BEGIN SELECT RAISE(ABORT, 'content: the ledger only grows'); END;
CREATE TRIGGER content_update BEFORE UPDATE ON content
  WHEN NEW.salt IS NOT NULL OR NEW.body IS NOT NULL OR NEW.lookup IS NOT NULL OR OLD.body IS NULL
    OR NEW.agent_id IS NOT OLD.agent_id OR NEW.stream_seq IS NOT OLD.stream_seq
    OR NOT EXISTS (SELECT 1 FROM erased WHERE agent_id = OLD.agent_id AND stream_seq = OLD.stream_seq)
  BEGIN SELECT RAISE(ABORT, 'content: only what a tombstone names may go'); END;
CREATE TRIGGER content_delete BEFORE DELETE ON content
  BEGIN SELECT RAISE(ABORT, 'content: the ledger only grows'); END;

CREATE TRIGGER edge_insert BEFORE INSERT ON edge
  WHEN EXISTS (SELECT 1 FROM edge WHERE agent_id = NEW.agent_id AND parent_id = NEW.parent_id
                                    AND child_seq = NEW.child_seq)
  BEGIN SELECT RAISE(ABORT, 'edge: the ledger only grows'); END;
CREATE TRIGGER edge_update BEFORE UPDATE ON edge
  BEGIN SELECT RAISE(ABORT, 'edge: the ledger only grows'); END;
CREATE TRIGGER edge_delete BEFORE DELETE ON edge
  BEGIN SELECT RAISE(ABORT, 'edge: the ledger only grows'); END;

CREATE TRIGGER idempotency_insert BEFORE INSERT ON idempotency
  WHEN EXISTS (SELECT 1 FROM idempotency WHERE agent_id = NEW.agent_id AND key_digest = NEW.key_digest)
  BEGIN SELECT RAISE(ABORT, 'idempotency: the ledger only grows'); END;
CREATE TRIGGER idempotency_update BEFORE UPDATE ON idempotency
  BEGIN SELECT RAISE(ABORT, 'idempotency: the ledger only grows'); END;
CREATE TRIGGER idempotency_delete BEFORE DELETE ON idempotency
  BEGIN SELECT RAISE(ABORT, 'idempotency: the ledger only grows'); END;

CREATE TRIGGER served_insert BEFORE INSERT ON served
  WHEN EXISTS (SELECT 1 FROM served WHERE agent_id = NEW.agent_id AND claim_id = NEW.claim_id
                                      AND stream_seq = NEW.stream_seq)
  BEGIN SELECT RAISE(ABORT, 'served: the ledger only grows'); END;
CREATE TRIGGER served_update BEFORE UPDATE ON served
  BEGIN SELECT RAISE(ABORT, 'served: the ledger only grows'); END;
CREATE TRIGGER served_delete BEFORE DELETE ON served
  BEGIN SELECT RAISE(ABORT, 'served: the ledger only grows'); END;

CREATE TRIGGER erased_insert BEFORE INSERT ON erased
  WHEN EXISTS (SELECT 1 FROM erased WHERE agent_id = NEW.agent_id AND stream_seq = NEW.stream_seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE agent_id = NEW.agent_id AND stream_seq = NEW.tombstone_seq
                                         AND kind = 'Tombstone')
  BEGIN SELECT RAISE(ABORT, 'erased: the ledger only grows, and only a tombstone erases'); END;
CREATE TRIGGER erased_update BEFORE UPDATE ON erased
  BEGIN SELECT RAISE(ABORT, 'erased: the ledger only grows'); END;
CREATE TRIGGER erased_delete BEFORE DELETE ON erased
  BEGIN SELECT RAISE(ABORT, 'erased: the ledger only grows'); END;
