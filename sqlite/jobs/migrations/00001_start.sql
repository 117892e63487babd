-- +goose Up
CREATE TABLE pastime_jobs_jobs (
	pos     INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of creation
	id      TEXT NOT NULL UNIQUE,
	line    TEXT NOT NULL,
	open    INTEGER NOT NULL,
	holder  TEXT NOT NULL DEFAULT '',          -- the open store that carries it out
	attempt INTEGER NOT NULL DEFAULT 0,        -- of its fence
	body    BLOB NOT NULL                      -- hobby.Job as JSON
);
CREATE UNIQUE INDEX pastime_jobs_jobs_open ON pastime_jobs_jobs (line) WHERE open = 1;
CREATE INDEX pastime_jobs_jobs_line ON pastime_jobs_jobs (line, pos);

-- +goose Down
DROP TABLE pastime_jobs_jobs;
