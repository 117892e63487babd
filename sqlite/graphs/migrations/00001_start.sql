-- +goose Up
CREATE TABLE pastime_graphs_log (
	rev      INTEGER PRIMARY KEY, -- the newest is never deleted, so none is used twice
	op       TEXT NOT NULL,
	id       TEXT,                -- of an origin; NULL where something is forgotten
	decision INTEGER NOT NULL,    -- the version of a decision on the origin; 0 for what it states
	hash     TEXT,                -- hobby.SourceHash of the origin's source, or of what is forgotten
	body     BLOB,                -- graphs.body as JSON
	UNIQUE (id, decision)
);
CREATE INDEX pastime_graphs_log_hash ON pastime_graphs_log (hash, rev) WHERE hash IS NOT NULL;

CREATE TABLE pastime_graphs_forgets ( -- what is forgotten and not deleted yet
	hash TEXT PRIMARY KEY,
	rev  INTEGER NOT NULL         -- what was added before is deleted
) WITHOUT ROWID;

CREATE TABLE pastime_graphs_state (
	one    INTEGER PRIMARY KEY CHECK (one = 1),
	filled INTEGER NOT NULL       -- what is older than the graph was added
);
INSERT INTO pastime_graphs_state (one, filled) VALUES (1, 0);

-- +goose Down
DROP TABLE pastime_graphs_state;
DROP TABLE pastime_graphs_forgets;
DROP TABLE pastime_graphs_log;
