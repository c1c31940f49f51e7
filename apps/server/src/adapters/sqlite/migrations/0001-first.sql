-- Integer keys inside, UUIDs at the edges. Times are epoch milliseconds.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- head: the account log has this many changes so far; every write of an account_items row takes the next number.
CREATE TABLE accounts (
  account_key INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL UNIQUE,
  handle TEXT NOT NULL UNIQUE CHECK (handle = lower(handle)),
  display_name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  head INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  password_changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
  device_id TEXT PRIMARY KEY,
  account_key INTEGER NOT NULL REFERENCES accounts,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_by_account ON devices (account_key);

CREATE TABLE invites (
  invite_id TEXT PRIMARY KEY,
  code_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  created_by INTEGER REFERENCES accounts,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  uses_max INTEGER NOT NULL,
  uses INTEGER NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND uses_max),
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_by_maker ON invites (created_by);

CREATE TABLE friends (
  account_key INTEGER NOT NULL REFERENCES accounts,
  friend_key INTEGER NOT NULL REFERENCES accounts,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (account_key, friend_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX friends_by_friend ON friends (friend_key);

-- direct_key: for direct and self the two account ids in order, joined by ':', so that a pair has one conversation at most.
CREATE TABLE conversations (
  conversation_key INTEGER PRIMARY KEY,
  conversation_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('direct', 'group', 'self')),
  title TEXT NOT NULL,
  head INTEGER NOT NULL,
  member_count INTEGER NOT NULL CHECK (member_count >= 0),
  direct_key TEXT UNIQUE CHECK ((direct_key IS NULL) = (kind = 'group')),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  account_key INTEGER NOT NULL REFERENCES accounts,
  joined_seq INTEGER NOT NULL,
  watermark INTEGER NOT NULL,
  PRIMARY KEY (conversation_key, account_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_account ON members (account_key);
-- The first members of a group name it; without this a snapshot of a town would read 3,000 rows.
CREATE INDEX members_by_joining ON members (conversation_key, joined_seq, account_key);

-- kind stands before body so that counting by kind does not read long texts. asked: what was asked for, where body says less.
CREATE TABLE entries (
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  author_key INTEGER NOT NULL REFERENCES accounts,
  id BLOB NOT NULL CHECK (length(id) = 16),
  accepted_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  asked TEXT,
  PRIMARY KEY (conversation_key, seq),
  UNIQUE (author_key, id)
) STRICT, WITHOUT ROWID;

-- The newest value of each thing that happened to an account outside its conversations; a null value says that it is gone.
CREATE TABLE account_items (
  account_key INTEGER NOT NULL REFERENCES accounts,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  change INTEGER NOT NULL,
  value TEXT,
  PRIMARY KEY (account_key, kind, key),
  UNIQUE (account_key, change)
) STRICT, WITHOUT ROWID;
