-- +goose Up
CREATE TABLE pastime_hobby_node (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	id      TEXT NOT NULL,             -- UUIDv7, made with the store
	seq     INTEGER NOT NULL DEFAULT 0, -- of the last event this node made
	clock   INTEGER NOT NULL DEFAULT 0  -- the last hybrid logical clock reading
);

CREATE TABLE pastime_hobby_activities (
	pos     INTEGER PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL,
	agent   TEXT NOT NULL,
	kind    TEXT NOT NULL,
	status  TEXT NOT NULL,
	started INTEGER NOT NULL,          -- Unix nanoseconds
	ended   INTEGER NOT NULL,          -- Unix nanoseconds; 0 while it runs
	holder  TEXT NOT NULL,             -- the open store that runs it
	body    BLOB NOT NULL              -- hobby.Activity as JSON
);
-- A listing merges one search for each status: these four serve every filter.
CREATE INDEX pastime_hobby_activities_by            ON pastime_hobby_activities (status, started);
CREATE INDEX pastime_hobby_activities_by_kind       ON pastime_hobby_activities (kind, status, started);
CREATE INDEX pastime_hobby_activities_by_agent      ON pastime_hobby_activities (agent, status, started);
CREATE INDEX pastime_hobby_activities_by_agent_kind ON pastime_hobby_activities (agent, kind, status, started);

CREATE TABLE pastime_hobby_items (
	pos      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	activity TEXT NOT NULL,
	source   TEXT NOT NULL,
	body     BLOB NOT NULL             -- hobby.Item as JSON
);
CREATE INDEX pastime_hobby_items_activity ON pastime_hobby_items (activity, pos);
CREATE INDEX pastime_hobby_items_source   ON pastime_hobby_items (source) WHERE source <> '';

CREATE TABLE pastime_hobby_insights (
	pos      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	activity TEXT NOT NULL,
	kind     TEXT NOT NULL,
	source   TEXT NOT NULL,
	body     BLOB NOT NULL             -- hobby.Insight as JSON
);
CREATE INDEX pastime_hobby_insights_activity ON pastime_hobby_insights (activity, pos);
CREATE INDEX pastime_hobby_insights_kind     ON pastime_hobby_insights (kind, pos);
CREATE INDEX pastime_hobby_insights_source   ON pastime_hobby_insights (source) WHERE source <> '';

CREATE TABLE pastime_hobby_tallies (
	agent     TEXT NOT NULL,
	node      TEXT NOT NULL,
	model_key TEXT NOT NULL,
	kind      TEXT NOT NULL,
	family    TEXT NOT NULL,
	level     INTEGER NOT NULL,
	split     TEXT NOT NULL,
	day       INTEGER NOT NULL,        -- days since 1970-01-01
	tries     INTEGER NOT NULL,
	passes    INTEGER NOT NULL,
	millis    INTEGER NOT NULL,
	pos       INTEGER NOT NULL,        -- of the event that changed it last
	PRIMARY KEY (agent, node, model_key, kind, family, level, split, day)
) WITHOUT ROWID;
CREATE INDEX pastime_hobby_tallies_pos ON pastime_hobby_tallies (pos);

-- Running counts: one row per kind and UTC hour, and one per kind for all
-- time with hour = -1.
CREATE TABLE pastime_hobby_counts (
	hour        INTEGER NOT NULL,      -- hours since 1970-01-01 00:00 UTC
	kind        TEXT NOT NULL,
	started     INTEGER NOT NULL DEFAULT 0,
	completed   INTEGER NOT NULL DEFAULT 0,
	failed      INTEGER NOT NULL DEFAULT 0,
	interrupted INTEGER NOT NULL DEFAULT 0,
	items       INTEGER NOT NULL DEFAULT 0,
	passes      INTEGER NOT NULL DEFAULT 0,
	insights    INTEGER NOT NULL DEFAULT 0,
	time        INTEGER NOT NULL DEFAULT 0, -- nanoseconds
	engaged     INTEGER NOT NULL DEFAULT 0, -- nanoseconds
	tokens_in   INTEGER NOT NULL DEFAULT 0,
	tokens_out  INTEGER NOT NULL DEFAULT 0,
	cpu         INTEGER NOT NULL DEFAULT 0, -- nanoseconds
	micro_usd   INTEGER NOT NULL DEFAULT 0,
	last        INTEGER NOT NULL DEFAULT 0, -- newest start, Unix nanoseconds
	PRIMARY KEY (hour, kind)
) WITHOUT ROWID;

CREATE TABLE pastime_hobby_events (
	pos     INTEGER PRIMARY KEY,
	node    TEXT NOT NULL,
	seq     INTEGER NOT NULL,
	clock   INTEGER NOT NULL,
	kind    TEXT NOT NULL,
	id      TEXT NOT NULL,
	version INTEGER NOT NULL,
	body    BLOB NOT NULL,
	UNIQUE (node, seq)
);
CREATE INDEX pastime_hobby_events_id ON pastime_hobby_events (id);

-- The events whose bodies hold texts of a source.
CREATE TABLE pastime_hobby_sources (
	source TEXT NOT NULL,
	event  INTEGER NOT NULL,
	PRIMARY KEY (source, event)
) WITHOUT ROWID;

CREATE TABLE pastime_hobby_consumers (
	name TEXT PRIMARY KEY,
	pos  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE pastime_hobby_fences (
	key     TEXT PRIMARY KEY,
	attempt INTEGER NOT NULL,
	closed  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE pastime_hobby_slots (
	name    TEXT PRIMARY KEY,
	settled INTEGER NOT NULL,          -- Unix nanoseconds of the newest settled run
	due     INTEGER NOT NULL DEFAULT 0, -- of the run that is held
	holder  TEXT NOT NULL DEFAULT '',
	attempt INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pastime_hobby_slots;
DROP TABLE pastime_hobby_fences;
DROP TABLE pastime_hobby_consumers;
DROP TABLE pastime_hobby_sources;
DROP TABLE pastime_hobby_events;
DROP TABLE pastime_hobby_counts;
DROP TABLE pastime_hobby_tallies;
DROP TABLE pastime_hobby_insights;
DROP TABLE pastime_hobby_items;
DROP TABLE pastime_hobby_activities;
DROP TABLE pastime_hobby_node;
