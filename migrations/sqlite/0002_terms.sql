-- Which contents have a term, and how often: derived from them, and no part of the ledger. It may be thrown away and
-- made again, so nothing guards it.

CREATE TABLE text_index (
  agent_id INTEGER PRIMARY KEY,
  recipe   TEXT    NOT NULL,
  up_to    INTEGER NOT NULL  -- every content up to here has its terms in posting
) STRICT;

-- Contents that were filed together and have a term stand in one row, the first with its number.
CREATE TABLE posting (
  agent_id   INTEGER NOT NULL,
  term       TEXT    NOT NULL,
  stream_seq INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  others     BLOB,  -- those behind the first, as the adapter writes them; NULL: there are none
  PRIMARY KEY (agent_id, term, stream_seq)
) STRICT, WITHOUT ROWID;
