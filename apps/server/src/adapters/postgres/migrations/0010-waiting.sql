-- waiting: 1 for a member of a conversation of two who has not let in the person who opened it. Such a member takes no place, and is sent nothing.
ALTER TABLE members ADD COLUMN waiting bigint NOT NULL DEFAULT 0 CHECK (waiting IN (0, 1));
