-- +goose Up
-- Events at and below the floor were dropped from the log.
ALTER TABLE pastime_hobby_node ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;

-- The node that practised, and the event of the last commit with its clock, which
-- outlive the event.
ALTER TABLE pastime_hobby_activities ADD COLUMN node  TEXT NOT NULL DEFAULT '';
ALTER TABLE pastime_hobby_activities ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pastime_hobby_activities ADD COLUMN clock INTEGER NOT NULL DEFAULT 0; -- hobby.HLC
UPDATE pastime_hobby_activities SET
	node  = (SELECT id FROM pastime_hobby_node),
	event = (SELECT coalesce(max(pos), 0) FROM pastime_hobby_events e WHERE e.id = pastime_hobby_activities.id),
	clock = (SELECT coalesce(max(clock), 0) FROM pastime_hobby_events e WHERE e.id = pastime_hobby_activities.id);
DROP INDEX pastime_hobby_events_id;

-- What a hobby.ItemFilter tells apart. Items of one group are in the order of
-- their time, so that a page of any filter is a merge of a few groups.
CREATE TABLE pastime_hobby_groups (
	id        INTEGER PRIMARY KEY,
	kind      TEXT NOT NULL,           -- of the activity
	family    TEXT NOT NULL,
	model_key TEXT NOT NULL,
	split     TEXT NOT NULL,
	passed    INTEGER NOT NULL,
	untainted INTEGER NOT NULL,
	UNIQUE (kind, family, model_key, split, passed, untainted)
);
CREATE TABLE pastime_hobby_items_new (
	pos      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	activity TEXT NOT NULL,
	source   TEXT NOT NULL,
	grp      INTEGER NOT NULL,         -- a row of pastime_hobby_groups
	at       INTEGER NOT NULL,         -- Unix nanoseconds
	body     BLOB NOT NULL             -- hobby.Item as JSON
);
CREATE TEMP VIEW pastime_hobby_told AS
	SELECT pos, kind, json_extract(item, '$.family') AS family, json_extract(item, '$.model_key') AS model_key,
		json_extract(item, '$.split') AS split, json_extract(item, '$.score') >= 1 AS passed,
		coalesce(json_extract(item, '$.taint'), '') = '' AND NOT coalesce(json_extract(item, '$.redacted'), 0) AS untainted,
		json_extract(item, '$.at') AS at
	FROM (SELECT i.pos, a.kind, CAST(i.body AS TEXT) AS item
		FROM pastime_hobby_items i JOIN pastime_hobby_activities a ON a.id = i.activity);
INSERT INTO pastime_hobby_groups (kind, family, model_key, split, passed, untainted)
	SELECT DISTINCT kind, family, model_key, split, passed, untainted FROM pastime_hobby_told;
-- SQLite reads times to the millisecond: the fraction is read as a number.
INSERT INTO pastime_hobby_items_new
	SELECT i.pos, i.id, i.activity, i.source, g.id, CAST(strftime('%s', t.at) AS INTEGER) * 1000000000 +
		CASE instr(t.at, '.') WHEN 0 THEN 0 ELSE CAST(round(CAST('0' || substr(t.at, instr(t.at, '.')) AS REAL) * 1000000000) AS INTEGER) END,
		i.body
	FROM pastime_hobby_items i JOIN pastime_hobby_told t ON t.pos = i.pos
		JOIN pastime_hobby_groups g USING (kind, family, model_key, split, passed, untainted)
	ORDER BY i.pos;
-- The next position stays beyond those of items that are gone.
DELETE FROM sqlite_sequence WHERE name = 'pastime_hobby_items_new';
INSERT INTO sqlite_sequence (name, seq) SELECT 'pastime_hobby_items_new', seq FROM sqlite_sequence WHERE name = 'pastime_hobby_items';
DROP VIEW pastime_hobby_told;
DROP TABLE pastime_hobby_items;
ALTER TABLE pastime_hobby_items_new RENAME TO pastime_hobby_items;
CREATE INDEX pastime_hobby_items_activity ON pastime_hobby_items (activity, pos);
CREATE INDEX pastime_hobby_items_source   ON pastime_hobby_items (source) WHERE source <> '';
CREATE INDEX pastime_hobby_items_grp      ON pastime_hobby_items (grp, at);
CREATE INDEX pastime_hobby_items_at       ON pastime_hobby_items (at);

-- Running counts of each node.
CREATE TABLE pastime_hobby_counts_new (
	width       INTEGER NOT NULL,      -- of the bucket in hours: 1, 24, or 0 for all time
	hour        INTEGER NOT NULL,      -- its start in hours since 1970-01-01 00:00 UTC; 0 for all time
	kind        TEXT NOT NULL,
	node        TEXT NOT NULL,
	started     INTEGER NOT NULL DEFAULT 0,
	completed   INTEGER NOT NULL DEFAULT 0,
	failed      INTEGER NOT NULL DEFAULT 0,
	interrupted INTEGER NOT NULL DEFAULT 0,
	items       INTEGER NOT NULL DEFAULT 0,
	passes      INTEGER NOT NULL DEFAULT 0,
	insights    INTEGER NOT NULL DEFAULT 0,
	cut         INTEGER NOT NULL DEFAULT 0, -- answers that were cut before they ended
	time        INTEGER NOT NULL DEFAULT 0, -- nanoseconds
	engaged     INTEGER NOT NULL DEFAULT 0, -- nanoseconds
	tokens_in   INTEGER NOT NULL DEFAULT 0,
	tokens_out  INTEGER NOT NULL DEFAULT 0,
	cpu         INTEGER NOT NULL DEFAULT 0, -- nanoseconds
	micro_usd   INTEGER NOT NULL DEFAULT 0,
	last        INTEGER NOT NULL DEFAULT 0, -- newest start, Unix nanoseconds
	PRIMARY KEY (width, hour, kind, node)
) WITHOUT ROWID;
INSERT INTO pastime_hobby_counts_new
	SELECT width, hour, kind, (SELECT id FROM pastime_hobby_node), started, completed, failed, interrupted,
		items, passes, insights, cut, time, engaged, tokens_in, tokens_out, cpu, micro_usd, last
	FROM pastime_hobby_counts;
DROP TABLE pastime_hobby_counts;
ALTER TABLE pastime_hobby_counts_new RENAME TO pastime_hobby_counts;

-- How often the run that is due was begun, and why the last run that was settled
-- failed; '' where it did not.
ALTER TABLE pastime_hobby_slots ADD COLUMN tries  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pastime_hobby_slots ADD COLUMN failed TEXT NOT NULL DEFAULT '';
