-- +goose Up
CREATE TABLE pastime_adapters_versions (
	pos       INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of storing
	id        TEXT NOT NULL UNIQUE,
	kind      TEXT NOT NULL,
	number    INTEGER NOT NULL,                  -- of the kind, from 1
	parent    TEXT NOT NULL,
	job       TEXT NOT NULL,
	created   INTEGER NOT NULL,                  -- Unix nanoseconds, as the two below
	forgotten INTEGER NOT NULL DEFAULT 0,
	collected INTEGER NOT NULL DEFAULT 0,
	changes   INTEGER NOT NULL DEFAULT 1,        -- the version of its last event
	verdict   TEXT NOT NULL DEFAULT '',
	given     BLOB NOT NULL,                     -- lora.Version as it was handed over, as JSON
	UNIQUE (kind, number)
);
CREATE INDEX pastime_adapters_versions_parent ON pastime_adapters_versions (parent);

CREATE TABLE pastime_adapters_lineage (
	what    TEXT NOT NULL,                       -- source, insight or activity
	name    TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (what, name, version)
) WITHOUT ROWID;

CREATE TABLE pastime_adapters_forgotten (
	source TEXT PRIMARY KEY,                     -- a hash, as of hobby.SourceHash
	at     INTEGER NOT NULL                      -- the last time, in Unix nanoseconds
) WITHOUT ROWID;

CREATE TABLE pastime_adapters_aliases (
	kind    TEXT NOT NULL,
	alias   TEXT NOT NULL,
	version TEXT NOT NULL,                       -- an alias that is absent is the base
	PRIMARY KEY (kind, alias)
) WITHOUT ROWID;
CREATE INDEX pastime_adapters_aliases_version ON pastime_adapters_aliases (version);

CREATE TABLE pastime_adapters_flips (
	pos   INTEGER PRIMARY KEY AUTOINCREMENT,
	kind  TEXT NOT NULL,
	alias TEXT NOT NULL,
	body  BLOB NOT NULL                          -- lora.Flip as JSON
);
CREATE INDEX pastime_adapters_flips_kind ON pastime_adapters_flips (kind, pos);

CREATE TABLE pastime_adapters_trials (
	pos       INTEGER PRIMARY KEY AUTOINCREMENT,
	id        TEXT NOT NULL UNIQUE,
	kind      TEXT NOT NULL,
	candidate TEXT NOT NULL,
	baseline  TEXT NOT NULL,
	job       TEXT NOT NULL,
	open      INTEGER NOT NULL,
	changes   INTEGER NOT NULL,                  -- how often it was stored
	body      BLOB NOT NULL                      -- lora.Trial as JSON
);
CREATE INDEX pastime_adapters_trials_candidate ON pastime_adapters_trials (candidate, pos);
CREATE INDEX pastime_adapters_trials_open ON pastime_adapters_trials (pos) WHERE open = 1;

CREATE TABLE pastime_adapters_pairs (
	trial TEXT NOT NULL,
	n     INTEGER NOT NULL,
	body  BLOB NOT NULL,                         -- lora.Pair as JSON
	PRIMARY KEY (trial, n)
) WITHOUT ROWID;

CREATE TABLE pastime_adapters_uses (
	version TEXT NOT NULL,
	holder  TEXT NOT NULL,                       -- the open store that uses it
	times   INTEGER NOT NULL,
	PRIMARY KEY (version, holder)
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pastime_adapters_uses;
DROP TABLE pastime_adapters_pairs;
DROP TABLE pastime_adapters_trials;
DROP TABLE pastime_adapters_flips;
DROP TABLE pastime_adapters_aliases;
DROP TABLE pastime_adapters_forgotten;
DROP TABLE pastime_adapters_lineage;
DROP TABLE pastime_adapters_versions;
