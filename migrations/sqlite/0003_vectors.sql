-- Where contents point by the models that read them: derived from them, and no part of the ledger. It may be thrown
-- away and made again, so nothing guards it.

CREATE TABLE model (
  agent_id    INTEGER NOT NULL,
  model_no    INTEGER NOT NULL,  -- in the order in which they came
  name        TEXT    NOT NULL,
  dimensions  INTEGER NOT NULL,
  fingerprint TEXT    NOT NULL,
  up_to       INTEGER NOT NULL,  -- every statement up to here has its vector in embedding
  filed       INTEGER NOT NULL,  -- vectors so far
  erased      INTEGER NOT NULL,  -- of those: how many are gone
  PRIMARY KEY (agent_id, model_no)
) STRICT, WITHOUT ROWID;

-- With rowids: a row without them that is longer than a quarter of a page takes pages of its own.
CREATE TABLE embedding (
  agent_id   INTEGER NOT NULL,
  model_no   INTEGER NOT NULL,
  filed_no   INTEGER NOT NULL,  -- in the order in which they were filed
  stream_seq INTEGER NOT NULL,
  vector     BLOB    NOT NULL,
  PRIMARY KEY (agent_id, model_no, filed_no)
) STRICT;

CREATE UNIQUE INDEX embedding_by_entry ON embedding (agent_id, stream_seq, model_no);
