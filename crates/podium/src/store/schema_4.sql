-- Version 4: a key's usage is split by other facets than the model group, too. model_group holds the
-- facet's value; facet names the dimension.
ALTER TABLE series ADD COLUMN facet TEXT NOT NULL DEFAULT 'model';

-- Days that were read without them have their totals, and are read once more.
ALTER TABLE day ADD COLUMN with_facets INTEGER NOT NULL DEFAULT 0;
