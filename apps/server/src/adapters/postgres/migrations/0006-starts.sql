-- Each writing connection of a server process that wrote something, and how many transactions it has written: what a device was told of it and this
-- history does not have is the proof of a lost future [A7]. A process that must connect again is a new start, because the database may be another copy.
CREATE TABLE starts (
  start bigint PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  written bigint NOT NULL
) WITH (fillfactor = 20);

-- Where each conversation stood when a start wrote to it for the first time. Written by the adapter, not by a trigger: several starts write at a time.
CREATE TABLE start_heads (
  conversation_key bigint NOT NULL,
  start bigint NOT NULL,
  head bigint NOT NULL,
  change bigint NOT NULL,
  PRIMARY KEY (conversation_key, start)
);
CREATE INDEX start_heads_by_start ON start_heads (start);
