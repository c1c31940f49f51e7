-- Each start of a server that wrote something, and how many transactions it has written: what a device was told of it and this history does not have
-- is the proof of a lost future [A7].
CREATE TABLE starts (
  start INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  written INTEGER NOT NULL
) STRICT;

-- Where each conversation stood when a start wrote to it for the first time.
CREATE TABLE start_heads (
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  start INTEGER NOT NULL,
  head INTEGER NOT NULL,
  change INTEGER NOT NULL,
  PRIMARY KEY (conversation_key, start)
) STRICT, WITHOUT ROWID;
CREATE INDEX start_heads_by_start ON start_heads (start);

-- Once for each conversation and start; nothing before the first start is counted.
CREATE TRIGGER conversation_written AFTER UPDATE OF head, change ON conversations
BEGIN
  INSERT OR IGNORE INTO start_heads (conversation_key, start, head, change)
    SELECT OLD.conversation_key, start, OLD.head, OLD.change FROM starts ORDER BY start DESC LIMIT 1;
END;
