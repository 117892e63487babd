-- +goose Up
CREATE TABLE pastime_graphs_snapshots (
	id       INTEGER PRIMARY KEY AUTOINCREMENT, -- a number is not used twice
	rev      INTEGER NOT NULL, -- the revision that it has
	complete INTEGER NOT NULL  -- all parts are there
);
CREATE TABLE pastime_graphs_snapshot_parts ( -- those of a snapshot that is not there are deleted
	snapshot INTEGER NOT NULL,
	part     INTEGER NOT NULL, -- from 0
	body     BLOB NOT NULL,
	PRIMARY KEY (snapshot, part)
);

-- +goose Down
DROP TABLE pastime_graphs_snapshot_parts;
DROP TABLE pastime_graphs_snapshots;
