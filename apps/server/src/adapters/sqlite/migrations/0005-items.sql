-- Items of conversations: the newest value of each (kind, key), numbered by the conversation's next change. subject: seq of the entry an item is about.
ALTER TABLE conversations ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
CREATE TABLE conversation_items (
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  change INTEGER NOT NULL,
  subject INTEGER,
  value TEXT,
  PRIMARY KEY (conversation_key, kind, key),
  UNIQUE (conversation_key, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_items_by_subject ON conversation_items (conversation_key, subject);

-- The ids of acts, for ever, and what each was about. The value is not kept: it may have been erased since.
CREATE TABLE acts (
  author_key INTEGER NOT NULL REFERENCES accounts,
  id BLOB NOT NULL CHECK (length(id) = 16),
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  change INTEGER NOT NULL,
  PRIMARY KEY (author_key, id)
) STRICT, WITHOUT ROWID;

-- Where the items of each conversation stood at a restore, beside the head [A4].
ALTER TABLE restored_heads ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
