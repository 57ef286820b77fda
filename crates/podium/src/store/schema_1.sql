-- Version 1. Times are milliseconds since 1970 in UTC; days are YYYY-MM-DD in UTC.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value ANY
) STRICT, WITHOUT ROWID;

-- Teams that were ever seen; position is the place in the gateway's list, if it is there.
CREATE TABLE team (
  team_id TEXT PRIMARY KEY,
  alias TEXT,
  position INTEGER
) STRICT, WITHOUT ROWID;

-- Names of API keys; api_key is the gateway's hash.
CREATE TABLE api_key (
  api_key TEXT PRIMARY KEY,
  alias TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a number belongs to. Without model group: a key's own total; without key: a team's.
CREATE TABLE series (
  series INTEGER PRIMARY KEY,
  team_id TEXT NOT NULL,
  api_key TEXT,
  model_group TEXT
) STRICT;

-- Days that were read, with the gateway's total. discrepancy: the two sums, where they differ.
CREATE TABLE day (
  day TEXT PRIMARY KEY,
  fetched_at_ms INTEGER NOT NULL,
  checked_at_ms INTEGER NOT NULL,
  has_usage INTEGER NOT NULL,
  discrepancy TEXT,
  spend_usd REAL NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_creation_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  successful_requests INTEGER NOT NULL,
  failed_requests INTEGER NOT NULL,
  response_time_ms INTEGER NOT NULL,
  timed_requests INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What audits found: sums as [spend_usd, [counters]], in the counters' order above.
CREATE TABLE finding (
  finding INTEGER PRIMARY KEY,
  found_at_ms INTEGER NOT NULL,
  day TEXT NOT NULL,
  cause TEXT NOT NULL,
  ours TEXT,
  gateway TEXT NOT NULL
) STRICT;

CREATE TABLE fact (
  day TEXT NOT NULL,
  series INTEGER NOT NULL,
  spend_usd REAL NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_creation_tokens INTEGER NOT NULL,
  total_tokens INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  successful_requests INTEGER NOT NULL,
  failed_requests INTEGER NOT NULL,
  response_time_ms INTEGER NOT NULL,
  timed_requests INTEGER NOT NULL,
  PRIMARY KEY (day, series)
) STRICT, WITHOUT ROWID;
