-- +goose Up
-- A tally counts answers to one version of a family. What was counted before
-- families had versions was of their first.
CREATE TABLE pastime_hobby_tallies_new (
	agent     TEXT NOT NULL,
	node      TEXT NOT NULL,
	model_key TEXT NOT NULL,
	kind      TEXT NOT NULL,
	family    TEXT NOT NULL,
	version   INTEGER NOT NULL,        -- of the family, from 1
	level     INTEGER NOT NULL,
	split     TEXT NOT NULL,
	day       INTEGER NOT NULL,        -- days since 1970-01-01
	tries     INTEGER NOT NULL,
	passes    INTEGER NOT NULL,
	millis    INTEGER NOT NULL,
	pos       INTEGER NOT NULL,        -- of the event that changed it last
	PRIMARY KEY (agent, node, model_key, kind, family, version, level, split, day)
) WITHOUT ROWID;
INSERT INTO pastime_hobby_tallies_new
	SELECT agent, node, model_key, kind, family, 1, level, split, day, tries, passes, millis, pos FROM pastime_hobby_tallies;
DROP TABLE pastime_hobby_tallies;
ALTER TABLE pastime_hobby_tallies_new RENAME TO pastime_hobby_tallies;
CREATE INDEX pastime_hobby_tallies_pos ON pastime_hobby_tallies (pos);

-- +goose Down
CREATE TABLE pastime_hobby_tallies_old (
	agent     TEXT NOT NULL,
	node      TEXT NOT NULL,
	model_key TEXT NOT NULL,
	kind      TEXT NOT NULL,
	family    TEXT NOT NULL,
	level     INTEGER NOT NULL,
	split     TEXT NOT NULL,
	day       INTEGER NOT NULL,
	tries     INTEGER NOT NULL,
	passes    INTEGER NOT NULL,
	millis    INTEGER NOT NULL,
	pos       INTEGER NOT NULL,
	PRIMARY KEY (agent, node, model_key, kind, family, level, split, day)
) WITHOUT ROWID;
INSERT INTO pastime_hobby_tallies_old
	SELECT agent, node, model_key, kind, family, level, split, day, sum(tries), sum(passes), sum(millis), max(pos)
	FROM pastime_hobby_tallies GROUP BY agent, node, model_key, kind, family, level, split, day;
DROP TABLE pastime_hobby_tallies;
ALTER TABLE pastime_hobby_tallies_old RENAME TO pastime_hobby_tallies;
CREATE INDEX pastime_hobby_tallies_pos ON pastime_hobby_tallies (pos);
