-- +goose Up
-- What tallies count, each once, however many days it was practised on.
CREATE TABLE pastime_hobby_series (
	id        INTEGER PRIMARY KEY,
	agent     TEXT NOT NULL,
	node      TEXT NOT NULL,
	model_key TEXT NOT NULL,
	kind      TEXT NOT NULL,
	family    TEXT NOT NULL,
	version   INTEGER NOT NULL,        -- of the family, from 1
	level     INTEGER NOT NULL,
	split     TEXT NOT NULL,
	UNIQUE (agent, node, model_key, kind, family, version, level, split)
);
INSERT INTO pastime_hobby_series (agent, node, model_key, kind, family, version, level, split)
	SELECT DISTINCT agent, node, model_key, kind, family, version, level, split FROM pastime_hobby_tallies;
CREATE TABLE pastime_hobby_tallies_new (
	series INTEGER NOT NULL,           -- a row of pastime_hobby_series
	day    INTEGER NOT NULL,           -- days since 1970-01-01
	tries  INTEGER NOT NULL,
	passes INTEGER NOT NULL,
	millis INTEGER NOT NULL,
	pos    INTEGER NOT NULL,           -- of the event that changed it last
	PRIMARY KEY (series, day)
) WITHOUT ROWID;
INSERT INTO pastime_hobby_tallies_new
	SELECT s.id, t.day, t.tries, t.passes, t.millis, t.pos FROM pastime_hobby_tallies t
		JOIN pastime_hobby_series s USING (agent, node, model_key, kind, family, version, level, split);
DROP TABLE pastime_hobby_tallies;
ALTER TABLE pastime_hobby_tallies_new RENAME TO pastime_hobby_tallies;
CREATE INDEX pastime_hobby_tallies_pos ON pastime_hobby_tallies (pos);
