-- Items of conversations: the newest value of each (kind, key), numbered by the conversation's next change. subject: seq of the entry an item is about.
ALTER TABLE conversations ADD COLUMN change bigint NOT NULL DEFAULT 0;
CREATE TABLE conversation_items (
  conversation_key bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  change bigint NOT NULL,
  subject bigint,
  value text,
  PRIMARY KEY (conversation_key, kind, key),
  CONSTRAINT conversation_items_by_change UNIQUE (conversation_key, change)
);
CREATE INDEX conversation_items_by_subject ON conversation_items (conversation_key, subject);

-- The ids of acts, for ever, and what each was about. The value is not kept: it may have been erased since.
CREATE TABLE acts (
  author_key bigint NOT NULL,
  id uuid NOT NULL,
  conversation_key bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  change bigint NOT NULL,
  PRIMARY KEY (author_key, id)
);

-- Where the items of each conversation stood at a restore, beside the head [A4].
ALTER TABLE restored_heads ADD COLUMN change bigint NOT NULL DEFAULT 0;
