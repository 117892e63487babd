-- +goose Up
CREATE TABLE pastime_feedback_given (
	pos      INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of storing
	id       TEXT NOT NULL UNIQUE,
	type     TEXT NOT NULL,
	target   TEXT NOT NULL,
	rater    TEXT NOT NULL,
	source   TEXT NOT NULL,                     -- of the user, as of hobby.SourceHash; '' for an anonymous one
	exposure TEXT NOT NULL,
	day      INTEGER NOT NULL,                  -- of storing: days since 1970, UTC
	last     INTEGER NOT NULL,                  -- 0 for what is superseded
	judges   INTEGER NOT NULL,                  -- it has a rating or a flag
	body     BLOB NOT NULL                      -- rlhf.Feedback as JSON
);
CREATE INDEX pastime_feedback_given_target ON pastime_feedback_given (type, target, rater);
CREATE INDEX pastime_feedback_given_rater ON pastime_feedback_given (rater, day);
CREATE INDEX pastime_feedback_given_source ON pastime_feedback_given (source) WHERE source <> '';

CREATE TABLE pastime_feedback_targets (
	type   TEXT NOT NULL,
	target TEXT NOT NULL,
	source TEXT NOT NULL,                       -- of its text, as of hobby.SourceHash; '' for none
	raters INTEGER NOT NULL,                    -- whose last word judges it
	body   BLOB NOT NULL,                       -- rlhf.Target as JSON
	PRIMARY KEY (type, target)
) WITHOUT ROWID;
CREATE INDEX pastime_feedback_targets_source ON pastime_feedback_targets (source) WHERE source <> '';

CREATE TABLE pastime_feedback_raters (
	rater  TEXT PRIMARY KEY,
	judged INTEGER NOT NULL                     -- targets on which their last word judges
) WITHOUT ROWID;

CREATE TABLE pastime_feedback_exposures (
	pos      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	type     TEXT NOT NULL,
	target   TEXT NOT NULL,
	rater    TEXT NOT NULL,
	source   TEXT NOT NULL,
	at       INTEGER NOT NULL,                  -- Unix nanoseconds
	day      INTEGER NOT NULL,
	answered INTEGER NOT NULL DEFAULT 0,
	body     BLOB NOT NULL,                     -- rlhf.Exposure as JSON
	UNIQUE (rater, type, target, day)
);
CREATE INDEX pastime_feedback_exposures_open ON pastime_feedback_exposures (at) WHERE answered = 0;
CREATE INDEX pastime_feedback_exposures_source ON pastime_feedback_exposures (source) WHERE source <> '';

CREATE TABLE pastime_feedback_models (
	pos  INTEGER PRIMARY KEY AUTOINCREMENT,
	body BLOB NOT NULL                          -- rlhf.Fitted as JSON
);

CREATE TABLE pastime_feedback_counts (
	name TEXT PRIMARY KEY,                      -- given:TYPE, ratings, raters, targets, exposures, answered, forgotten
	n    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE pastime_feedback_secret (
	key BLOB NOT NULL                           -- one row: of the hashes that stand for addresses
);
INSERT INTO pastime_feedback_secret (key) VALUES (randomblob(32));

-- +goose Down
DROP TABLE pastime_feedback_secret;
DROP TABLE pastime_feedback_counts;
DROP TABLE pastime_feedback_models;
DROP TABLE pastime_feedback_exposures;
DROP TABLE pastime_feedback_raters;
DROP TABLE pastime_feedback_targets;
DROP TABLE pastime_feedback_given;
