-- What a handle looks like, by Unicode's confusables of its letters: new handles that look like another one are refused. Of accounts that look alike
-- already, the first one has it.
ALTER TABLE accounts ADD COLUMN likeness text COLLATE "C";

UPDATE accounts SET likeness = replace(replace(replace(handle, 'm', 'rn'), '0', 'o'), '1', 'l')
WHERE account_key IN (SELECT min(account_key) FROM accounts GROUP BY replace(replace(replace(handle, 'm', 'rn'), '0', 'o'), '1', 'l'));

CREATE UNIQUE INDEX accounts_by_likeness ON accounts (likeness);
