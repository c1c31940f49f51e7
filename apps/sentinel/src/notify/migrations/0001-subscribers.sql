-- Who wants to be told, and what each was told. Kept apart from the record, because people's addresses must be deletable.

-- AUTOINCREMENT: an id is never given again, for links in old mails name it.
CREATE TABLE subscribers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,
  -- The address in small letters: one person, one subscription.
  folded_address TEXT NOT NULL UNIQUE,
  language TEXT NOT NULL CHECK (language IN ('ko', 'en')),
  asked_at INTEGER NOT NULL,
  -- Null until the person has confirmed; until then `expires_at` ends it.
  confirmed_at INTEGER,
  expires_at INTEGER,
  -- Mails this address was sent because somebody typed it into the form, since `letters_from`.
  letters INTEGER NOT NULL DEFAULT 0,
  letters_from INTEGER NOT NULL DEFAULT 0,
  -- See plan.ts: until when this person's allowance of notices is used up.
  spent_until INTEGER NOT NULL DEFAULT 0,
  -- Notices in a row that the mail server refused for good because of this address.
  refusals INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX subscribers_pending ON subscribers (expires_at) WHERE confirmed_at IS NULL;

CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  url TEXT NOT NULL UNIQUE,
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  told_at INTEGER,
  failing_since INTEGER,
  disabled_at INTEGER,
  -- What went wrong last; null while all is well.
  note TEXT
) STRICT;

-- What there was to tell. The key is the promise that nobody is told twice.
CREATE TABLE notices (
  key TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  at INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  notice TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
  -- Subscriber or webhook.
  target INTEGER NOT NULL,
  notice_key TEXT NOT NULL,
  -- Webhooks are sent the incident, and each component that changed: '' or the name of the component.
  part TEXT NOT NULL DEFAULT '',
  -- The incident or maintenance that it is about.
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'told', 'folded', 'failed', 'unknown')),
  -- Says that something began, or that it is over: told without waiting for the interval.
  closing INTEGER NOT NULL DEFAULT 0,
  planned_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  -- Earlier notices of the same subject that this one stands for as well.
  folds INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER,
  message_id TEXT,
  note TEXT,
  UNIQUE (channel, target, notice_key, part)
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (channel, due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_target ON deliveries (channel, target) WHERE state = 'waiting';
CREATE INDEX deliveries_subject ON deliveries (subject, channel, target);
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;

-- Whoever goes takes along what they were told.
CREATE TRIGGER subscriber_gone AFTER DELETE ON subscribers
BEGIN DELETE FROM deliveries WHERE channel = 'mail' AND target = OLD.id; END;
CREATE TRIGGER webhook_gone AFTER DELETE ON webhooks
BEGIN DELETE FROM deliveries WHERE channel = 'webhook' AND target = OLD.id; END;
