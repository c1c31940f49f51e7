-- state: who owns a group, as JSON, folded from its entries; null where nothing was chosen and nobody has got a role: the author of entry 1 is the host.
ALTER TABLE conversations ADD COLUMN state TEXT;

-- Accounts that were removed from a group and may not come back.
CREATE TABLE barred (
  conversation_key INTEGER NOT NULL REFERENCES conversations,
  account_key INTEGER NOT NULL REFERENCES accounts,
  PRIMARY KEY (conversation_key, account_key)
) STRICT, WITHOUT ROWID;
