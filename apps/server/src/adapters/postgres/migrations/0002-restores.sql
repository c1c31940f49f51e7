-- The histories this one goes back to by a restore from a backup, by the epoch they had.
CREATE TABLE restores (
  epoch text COLLATE "C" PRIMARY KEY,
  restored_at bigint NOT NULL
);

-- Where each conversation stood then; the lowest, if it happened more than once. Conversations made later are not here.
CREATE TABLE restored_heads (
  conversation_key bigint PRIMARY KEY REFERENCES conversations,
  head bigint NOT NULL
);
