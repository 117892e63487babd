-- +goose Up
CREATE TABLE pastime_archives_state (
	one      INTEGER PRIMARY KEY CHECK (one = 1),
	reserved INTEGER NOT NULL, -- the last number given out
	change   INTEGER NOT NULL  -- counts the changes of the segments
);
INSERT INTO pastime_archives_state (one, reserved, change) VALUES (1, 0, 0);

CREATE TABLE pastime_archives_segments (
	id      TEXT PRIMARY KEY,
	started INTEGER NOT NULL, -- of its first session, Unix nanoseconds
	run     INTEGER NOT NULL,
	pruned  INTEGER NOT NULL,
	body    BLOB NOT NULL,    -- archive.Segment as JSON, without pruned
	filter  BLOB NOT NULL     -- a Bloom filter of ids
);

CREATE TABLE pastime_archives_forgets (
	source TEXT PRIMARY KEY   -- hobby.SourceHash of what is to be forgotten
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pastime_archives_forgets;
DROP TABLE pastime_archives_segments;
DROP TABLE pastime_archives_state;
