-- Version 3: reserved capacity, and a checksum (seal) beside everything that is kept. Each is sixteen
-- bytes over the row's meaning, with names in place of codes; see store/seal.rs. Rows without one are
-- from before and are sealed when the file is taken over.
ALTER TABLE day ADD COLUMN flat_cost_usd REAL NOT NULL DEFAULT 0;
ALTER TABLE fact ADD COLUMN flat_cost_usd REAL NOT NULL DEFAULT 0;

-- Over the day, its state, its totals and all its facts; and over when it was last compared, which
-- changes more often.
ALTER TABLE day ADD COLUMN seal BLOB;
ALTER TABLE day ADD COLUMN checked_seal BLOB;

ALTER TABLE team ADD COLUMN seal BLOB;
ALTER TABLE api_key ADD COLUMN seal BLOB;
ALTER TABLE finding ADD COLUMN seal BLOB;
ALTER TABLE setting ADD COLUMN seal BLOB;

-- What the quarter hours of the day, and the identities of its counted requests, add up to, so that
-- a missing row shows; and the row's own.
ALTER TABLE log_day ADD COLUMN quarters BLOB;
ALTER TABLE log_day ADD COLUMN identities BLOB;
ALTER TABLE log_day ADD COLUMN seal BLOB;

-- A request is told by its own id, key and outcome, and by when it began: logs and pushes may differ
-- by some milliseconds, see store/database/requests.rs. seen: 1 with tokens, 2 logged, 4 pushed.
-- Requests used to be told by the id of their call, which several may share. Days whose logs may be
-- read once more would be counted twice, so what was counted of them is read anew.
CREATE TEMP TABLE read_anew AS
  SELECT day, CAST(strftime('%s', day) AS INTEGER) / 86400 AS number FROM log_day
  WHERE read_until_ms IS NOT NULL
    AND coalesce(read_at_ms, 0) < (CAST(strftime('%s', day) AS INTEGER) + 3 * 86400) * 1000;
DELETE FROM quarter WHERE quarter / 96 IN (SELECT number FROM read_anew);
DELETE FROM log_day WHERE day IN (SELECT day FROM read_anew);
DROP TABLE read_anew;
DROP TABLE request;
CREATE TABLE request (
  day INTEGER NOT NULL,
  identity BLOB NOT NULL,
  started_ms INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  PRIMARY KEY (day, identity, started_ms)
) STRICT, WITHOUT ROWID;
