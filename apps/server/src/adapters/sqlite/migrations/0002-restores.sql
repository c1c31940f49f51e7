-- The histories this one goes back to by a restore from a backup, by the epoch they had.
CREATE TABLE restores (
  epoch TEXT PRIMARY KEY,
  restored_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where each conversation stood then; the lowest, if it happened more than once. Conversations made later are not here.
CREATE TABLE restored_heads (
  conversation_key INTEGER PRIMARY KEY REFERENCES conversations,
  head INTEGER NOT NULL
) STRICT;
