-- Server processes on this database. `beats` rises while a process lives, so that no clock is compared.
CREATE TABLE processes (
  process text COLLATE "C" PRIMARY KEY,
  beats bigint NOT NULL,
  written_at bigint NOT NULL
);

-- Which process a device has come to lately, for processes that do not hear each other.
CREATE TABLE arrivals (
  device_id text COLLATE "C" PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL,
  process text COLLATE "C" NOT NULL,
  arrived_at bigint NOT NULL
);
CREATE INDEX arrivals_by_time ON arrivals (arrived_at);

-- Limits that all processes count together. Keys are hashes: they tell neither an address nor a handle.
CREATE TABLE limits (
  key text COLLATE "C" PRIMARY KEY,
  taken bigint NOT NULL,
  began_at bigint NOT NULL,
  ends_at bigint NOT NULL
);
CREATE INDEX limits_by_end ON limits (ends_at);
