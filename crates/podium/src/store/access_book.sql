CREATE TABLE IF NOT EXISTS token (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    teams TEXT NOT NULL,
    in_address INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    expires_at INTEGER,
    last_used_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS ended (
    name TEXT PRIMARY KEY,
    ended_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    line TEXT NOT NULL
) STRICT;
