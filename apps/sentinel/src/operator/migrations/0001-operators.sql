-- Who may speak for the operator, by the page. What they say is in the record; this file can be deleted, and is then begun anew.
CREATE TABLE operators (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Stands in the record under what they say.
  name TEXT NOT NULL,
  folded_name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  -- A keeper also manages operators and webhooks.
  role TEXT NOT NULL CHECK (role IN ('speaker', 'keeper')),
  created_at INTEGER NOT NULL
) STRICT;

-- A second way to sign in, kept by a device of the operator.
CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  operator_id INTEGER NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
  public_key BLOB NOT NULL,
  counter INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- Links that set a password, each once. Of every token here only the hash is known.
CREATE TABLE links (
  hash BLOB PRIMARY KEY,
  -- For whom; null: whoever opens it chooses a name.
  name TEXT,
  -- The role of a new operator.
  role TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY,
  operator_id INTEGER NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;

-- Browsers from which somebody has signed in before: strangers who try passwords elsewhere do not shut these out.
CREATE TABLE browsers (
  hash BLOB PRIMARY KEY,
  operator_id INTEGER NOT NULL REFERENCES operators (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
