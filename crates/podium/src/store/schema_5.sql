-- Version 5: a day's facts are one packed block (see store/packed.rs), with a seal over its bytes and
-- the meaning of its codes. The rows of before are packed when the file is taken over.
CREATE TABLE day_content (
  day TEXT PRIMARY KEY,
  seal BLOB NOT NULL,
  content BLOB NOT NULL
) STRICT;
