-- +goose Up
-- Running counts of each kind: for every UTC hour, for every UTC day, and for
-- all time, so that reading any of them costs the rows that it returns.
CREATE TABLE pastime_hobby_counts_new (
	width       INTEGER NOT NULL,      -- of the bucket in hours: 1, 24, or 0 for all time
	hour        INTEGER NOT NULL,      -- its start in hours since 1970-01-01 00:00 UTC; 0 for all time
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
	PRIMARY KEY (width, hour, kind)
) WITHOUT ROWID;
INSERT INTO pastime_hobby_counts_new
	SELECT CASE hour WHEN -1 THEN 0 ELSE 1 END, max(hour, 0), kind, started, completed, failed, interrupted,
		items, passes, insights, time, engaged, tokens_in, tokens_out, cpu, micro_usd, last
	FROM pastime_hobby_counts WHERE hour >= -1;
INSERT INTO pastime_hobby_counts_new
	SELECT 24, hour - hour % 24 AS day, kind, sum(started), sum(completed), sum(failed), sum(interrupted),
		sum(items), sum(passes), sum(insights), sum(time), sum(engaged), sum(tokens_in), sum(tokens_out), sum(cpu), sum(micro_usd), max(last)
	FROM pastime_hobby_counts WHERE hour >= 0 GROUP BY day, kind;
DROP TABLE pastime_hobby_counts;
ALTER TABLE pastime_hobby_counts_new RENAME TO pastime_hobby_counts;

-- +goose Down
CREATE TABLE pastime_hobby_counts_old (
	hour        INTEGER NOT NULL,
	kind        TEXT NOT NULL,
	started     INTEGER NOT NULL DEFAULT 0,
	completed   INTEGER NOT NULL DEFAULT 0,
	failed      INTEGER NOT NULL DEFAULT 0,
	interrupted INTEGER NOT NULL DEFAULT 0,
	items       INTEGER NOT NULL DEFAULT 0,
	passes      INTEGER NOT NULL DEFAULT 0,
	insights    INTEGER NOT NULL DEFAULT 0,
	time        INTEGER NOT NULL DEFAULT 0,
	engaged     INTEGER NOT NULL DEFAULT 0,
	tokens_in   INTEGER NOT NULL DEFAULT 0,
	tokens_out  INTEGER NOT NULL DEFAULT 0,
	cpu         INTEGER NOT NULL DEFAULT 0,
	micro_usd   INTEGER NOT NULL DEFAULT 0,
	last        INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (hour, kind)
) WITHOUT ROWID;
INSERT INTO pastime_hobby_counts_old
	SELECT CASE width WHEN 0 THEN -1 ELSE hour END, kind, started, completed, failed, interrupted,
		items, passes, insights, time, engaged, tokens_in, tokens_out, cpu, micro_usd, last
	FROM pastime_hobby_counts WHERE width < 24;
DROP TABLE pastime_hobby_counts;
ALTER TABLE pastime_hobby_counts_old RENAME TO pastime_hobby_counts;
