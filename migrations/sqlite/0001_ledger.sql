-- The ledger. Every key has agent_id and no content stands in a key but lines' names and texts to search by, which go
-- with their content; so an agent can be taken out whole. Times are microseconds since 1970; ids and digests are bytes;
-- kinds, dispositions and clocks are the numbers of core/FORMAT.md. The triggers at the end refuse every change of what
-- was written, whoever connects.
--
-- A claim without source on a new line enters five b-trees: entry, line, claim_begins, entry_by_line, batch_by_id.

CREATE TABLE agent (
  agent_id INTEGER PRIMARY KEY,
  name     TEXT NOT NULL UNIQUE CHECK (name <> '')
) STRICT;

-- An entry, its content and, in the first of a batch, what the batch has in common. Erasing makes salt, content,
-- search_text and key_digest NULL. A later version may know more kinds and dispositions, so there is no CHECK of them.
CREATE TABLE entry (
  agent_id     INTEGER NOT NULL,
  stream_seq   INTEGER NOT NULL,
  batch_offset INTEGER NOT NULL CHECK (batch_offset BETWEEN 0 AND stream_seq - 1),  -- 0: the first of its batch
  recorded_at  INTEGER NOT NULL,                                                    -- that of its batch
  kind         INTEGER NOT NULL,
  disposition  INTEGER,                                   -- NULL: carries none
  line_no      INTEGER CHECK (line_no <= stream_seq),     -- first entry of its line; NULL: belongs to none
  claim_id     BLOB CHECK (length(claim_id) = 16),        -- NULL: is about no claim
  begins       INTEGER NOT NULL CHECK (begins IN (0, 1)), -- 1: the claim begins here
  handle       BLOB CHECK (length(handle) = 16),          -- NULL: is about no question
  key_digest   BLOB CHECK (length(key_digest) = 32),      -- of the idempotency key, never the key itself
  erases       INTEGER CHECK (erases < stream_seq),       -- of a tombstone: whose content is gone
  hash         BLOB    NOT NULL CHECK (length(hash) = 32),
  body         BLOB    NOT NULL,
  salt         BLOB CHECK (length(salt) = 16),
  content      BLOB,
  search_text  TEXT CHECK (search_text <> ''),            -- NULL: not looked up by a text
  subject      TEXT,                                      -- in the first entry of a line: its name
  predicate    TEXT,
  batch_id     BLOB CHECK (length(batch_id) = 16),
  batch_size   INTEGER,
  clock        INTEGER,
  actor        TEXT,
  format       INTEGER,
  PRIMARY KEY (agent_id, stream_seq),
  CHECK (begins = 0 OR (claim_id IS NOT NULL AND line_no IS NOT NULL)),
  CHECK (erases IS NULL OR kind = 31),
  CHECK ((salt IS NULL) = (content IS NULL)),
  CHECK (content IS NOT NULL OR search_text IS NULL),
  CHECK ((subject IS NULL) = (predicate IS NULL)),
  CHECK (CASE WHEN batch_offset = 0
              THEN batch_id IS NOT NULL AND batch_size IS NOT NULL AND clock IS NOT NULL AND actor IS NOT NULL
                   AND format IS NOT NULL
              ELSE COALESCE(batch_id, batch_size, clock, actor, format) IS NULL END)
) STRICT, WITHOUT ROWID;
-- Ids ascend with time: in these two what all agents write comes to the same pages, at the end.
CREATE UNIQUE INDEX batch_by_id ON entry (batch_id, agent_id) WHERE batch_id IS NOT NULL;
CREATE UNIQUE INDEX claim_begins ON entry (claim_id, agent_id) WHERE begins = 1;
CREATE UNIQUE INDEX entry_by_handle ON entry (agent_id, handle, kind) WHERE handle IS NOT NULL;
CREATE UNIQUE INDEX entry_by_key ON entry (agent_id, key_digest) WHERE key_digest IS NOT NULL;
-- Not the first of a line, which its number names: a claim on a new line enters one index less.
CREATE INDEX entry_by_line ON entry (agent_id, line_no) WHERE line_no < stream_seq;
CREATE INDEX entry_by_claim ON entry (agent_id, claim_id) WHERE claim_id IS NOT NULL AND begins = 0;
CREATE INDEX entry_by_erased ON entry (agent_id, erases) WHERE erases IS NOT NULL;
CREATE INDEX entry_by_text ON entry (agent_id, search_text) WHERE search_text IS NOT NULL;
-- Not those of nearly every entry, ClaimRecorded and CommittedCheap: a page of these is read along the positions.
CREATE INDEX entry_by_kind ON entry (agent_id, kind) WHERE kind <> 16;
CREATE INDEX entry_by_disposition ON entry (agent_id, disposition) WHERE disposition > 0;

-- Lines by name, each numbered by the seq of its first entry. A name is content: its row may go, and the name in that
-- entry, once all that was said on the line is erased.
CREATE TABLE line (
  agent_id  INTEGER NOT NULL,
  subject   TEXT    NOT NULL,
  predicate TEXT    NOT NULL,
  first_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, subject, predicate)
) STRICT, WITHOUT ROWID;

-- Which statement was derived from which claim.
CREATE TABLE derivation (
  agent_id  INTEGER NOT NULL,
  parent_id BLOB    NOT NULL CHECK (length(parent_id) = 16),
  child_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, parent_id, child_seq)
) STRICT, WITHOUT ROWID;

-- Which claims a serving names.
CREATE TABLE served (
  agent_id   INTEGER NOT NULL,
  claim_id   BLOB    NOT NULL CHECK (length(claim_id) = 16),
  stream_seq INTEGER NOT NULL,
  PRIMARY KEY (agent_id, claim_id, stream_seq)
) STRICT, WITHOUT ROWID;

-- INSERT OR REPLACE deletes without asking the triggers of DELETE, so inserting an existing key is refused as well
-- where a row says more than its key.

CREATE TRIGGER agent_insert BEFORE INSERT ON agent
  WHEN EXISTS (SELECT 1 FROM agent WHERE agent_id = NEW.agent_id OR name = NEW.name)
  BEGIN SELECT RAISE(ABORT, 'agent: the ledger only grows'); END;
CREATE TRIGGER agent_update BEFORE UPDATE ON agent
  BEGIN SELECT RAISE(ABORT, 'agent: the ledger only grows'); END;
CREATE TRIGGER agent_delete BEFORE DELETE ON agent
  BEGIN SELECT RAISE(ABORT, 'agent: the ledger only grows'); END;

CREATE TRIGGER entry_insert BEFORE INSERT ON entry
  WHEN NEW.stream_seq IS NOT 1 + COALESCE((SELECT stream_seq FROM entry WHERE agent_id = NEW.agent_id
                                            ORDER BY stream_seq DESC LIMIT 1), 0)
    OR (NEW.batch_id IS NOT NULL AND EXISTS (
          SELECT 1 FROM entry INDEXED BY batch_by_id
           WHERE agent_id = NEW.agent_id AND batch_id = NEW.batch_id AND batch_id IS NOT NULL))
    OR (NEW.begins = 1 AND EXISTS (
          SELECT 1 FROM entry INDEXED BY claim_begins
           WHERE agent_id = NEW.agent_id AND claim_id = NEW.claim_id AND begins = 1))
    OR (NEW.handle IS NOT NULL AND EXISTS (
          SELECT 1 FROM entry INDEXED BY entry_by_handle
           WHERE agent_id = NEW.agent_id AND handle = NEW.handle AND kind = NEW.kind AND handle IS NOT NULL))
    OR (NEW.key_digest IS NOT NULL AND EXISTS (
          SELECT 1 FROM entry INDEXED BY entry_by_key
           WHERE agent_id = NEW.agent_id AND key_digest = NEW.key_digest AND key_digest IS NOT NULL))
  BEGIN SELECT RAISE(ABORT, 'entry: the ledger only grows'); END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry
  WHEN (NEW.agent_id, NEW.stream_seq, NEW.batch_offset, NEW.recorded_at, NEW.kind, NEW.disposition, NEW.line_no,
        NEW.claim_id, NEW.begins, NEW.handle, NEW.erases, NEW.hash, NEW.body, NEW.batch_id, NEW.batch_size, NEW.clock,
        NEW.actor, NEW.format)
       IS NOT
       (OLD.agent_id, OLD.stream_seq, OLD.batch_offset, OLD.recorded_at, OLD.kind, OLD.disposition, OLD.line_no,
        OLD.claim_id, OLD.begins, OLD.handle, OLD.erases, OLD.hash, OLD.body, OLD.batch_id, OLD.batch_size, OLD.clock,
        OLD.actor, OLD.format)
    -- Content goes as a whole, and only what a tombstone names.
    OR ((NEW.salt, NEW.content, NEW.search_text, NEW.key_digest)
        IS NOT (OLD.salt, OLD.content, OLD.search_text, OLD.key_digest)
        AND NOT (NEW.salt IS NULL AND NEW.content IS NULL AND NEW.search_text IS NULL AND NEW.key_digest IS NULL
                 AND EXISTS (SELECT 1 FROM entry INDEXED BY entry_by_erased
                              WHERE agent_id = OLD.agent_id AND erases = OLD.stream_seq AND erases IS NOT NULL)))
    -- A line's name goes once nothing is left that was said on it.
    OR ((NEW.subject, NEW.predicate) IS NOT (OLD.subject, OLD.predicate)
        AND NOT (NEW.subject IS NULL AND NEW.predicate IS NULL AND NEW.content IS NULL
                 AND NOT EXISTS (SELECT 1 FROM line
                                  WHERE agent_id = OLD.agent_id AND subject = OLD.subject
                                    AND predicate = OLD.predicate)))
    OR (NEW.salt, NEW.content, NEW.key_digest, NEW.subject) IS (OLD.salt, OLD.content, OLD.key_digest, OLD.subject)
  BEGIN SELECT RAISE(ABORT, 'entry: only what a tombstone names may go'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry
  BEGIN SELECT RAISE(ABORT, 'entry: the ledger only grows'); END;

CREATE TRIGGER line_insert BEFORE INSERT ON line
  WHEN EXISTS (SELECT 1 FROM line
                WHERE agent_id = NEW.agent_id AND subject = NEW.subject AND predicate = NEW.predicate)
  BEGIN SELECT RAISE(ABORT, 'line: the ledger only grows'); END;
CREATE TRIGGER line_update BEFORE UPDATE ON line
  BEGIN SELECT RAISE(ABORT, 'line: the ledger only grows'); END;
CREATE TRIGGER line_delete BEFORE DELETE ON line
  -- Of its first entry and the others one was erased, and none has content.
  WHEN (NOT EXISTS (SELECT 1 FROM entry AS t INDEXED BY entry_by_erased
                     WHERE t.agent_id = OLD.agent_id AND t.erases = OLD.first_seq AND t.erases IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM entry AS e INDEXED BY entry_by_line
                          JOIN entry AS t INDEXED BY entry_by_erased
                            ON t.agent_id = e.agent_id AND t.erases = e.stream_seq AND t.erases IS NOT NULL
                         WHERE e.agent_id = OLD.agent_id AND e.line_no = OLD.first_seq AND e.line_no < e.stream_seq))
    OR EXISTS (SELECT 1 FROM entry AS e
                WHERE e.agent_id = OLD.agent_id AND e.stream_seq = OLD.first_seq AND e.content IS NOT NULL)
    OR EXISTS (SELECT 1 FROM entry AS e INDEXED BY entry_by_line
                WHERE e.agent_id = OLD.agent_id AND e.line_no = OLD.first_seq AND e.line_no < e.stream_seq
                  AND e.content IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'line: only the name of a line whose content is erased may go'); END;

-- The rows of these two are their own keys: replacing one changes nothing.
CREATE TRIGGER derivation_update BEFORE UPDATE ON derivation
  BEGIN SELECT RAISE(ABORT, 'derivation: the ledger only grows'); END;
CREATE TRIGGER derivation_delete BEFORE DELETE ON derivation
  BEGIN SELECT RAISE(ABORT, 'derivation: the ledger only grows'); END;
CREATE TRIGGER served_update BEFORE UPDATE ON served
  BEGIN SELECT RAISE(ABORT, 'served: the ledger only grows'); END;
CREATE TRIGGER served_delete BEFORE DELETE ON served
  BEGIN SELECT RAISE(ABORT, 'served: the ledger only grows'); END;
