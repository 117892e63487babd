-- +goose Up
CREATE TABLE pastime_subagents_assignments (
	pos     INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of creation
	id      TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL,              -- counts transitions, from 1
	status  TEXT NOT NULL,
	agent   TEXT NOT NULL,
	ended   INTEGER NOT NULL,              -- Unix nanoseconds; 0 while it is open
	body    BLOB NOT NULL                  -- subagent.Assignment as JSON
);
CREATE INDEX pastime_subagents_assignments_status ON pastime_subagents_assignments (status, pos);
CREATE INDEX pastime_subagents_assignments_agent  ON pastime_subagents_assignments (agent, pos);
CREATE INDEX pastime_subagents_assignments_open   ON pastime_subagents_assignments (pos) WHERE ended = 0;

CREATE TABLE pastime_subagents_totals (
	agent     TEXT PRIMARY KEY,            -- '' is what ran here
	completed INTEGER NOT NULL DEFAULT 0,
	failed    INTEGER NOT NULL DEFAULT 0,
	lost      INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE pastime_subagents_agents (
	id   TEXT PRIMARY KEY,
	body BLOB NOT NULL                     -- subagent.Registration as JSON
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pastime_subagents_agents;
DROP TABLE pastime_subagents_totals;
DROP TABLE pastime_subagents_assignments;
