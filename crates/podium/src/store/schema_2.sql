-- What the codes of quarter hours' facts stand for.
CREATE TABLE quarter_series (
  series INTEGER PRIMARY KEY,
  team_id TEXT NOT NULL,
  api_key TEXT NOT NULL,
  model_group TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL
) STRICT;

-- The facts of a quarter hour, counted in quarters since 1970; see store/database/quarters.rs.
CREATE TABLE quarter (
  quarter INTEGER PRIMARY KEY,
  facts BLOB NOT NULL
) STRICT;

-- Requests that were counted, as long as they may come again; day in days since 1970. A request
-- without tokens may come again with some.
CREATE TABLE request (
  day INTEGER NOT NULL,
  identity BLOB NOT NULL,
  has_tokens INTEGER NOT NULL,
  PRIMARY KEY (day, identity)
) STRICT, WITHOUT ROWID;

-- How far a day's request logs were read.
CREATE TABLE log_day (
  day TEXT PRIMARY KEY,
  read_until_ms INTEGER,
  read_at_ms INTEGER,
  pushed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
