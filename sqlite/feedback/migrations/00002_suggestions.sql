-- +goose Up
ALTER TABLE pastime_feedback_given ADD COLUMN suggests INTEGER NOT NULL DEFAULT 0; -- it has a suggestion that can be a topic
UPDATE pastime_feedback_given SET suggests = 1
	WHERE length(CAST(trim(CAST(body AS TEXT) ->> 'suggestion', char(32, 9, 10, 13)) AS BLOB)) BETWEEN 1 AND 128;
CREATE INDEX pastime_feedback_given_suggests ON pastime_feedback_given (pos) WHERE suggests = 1;
CREATE INDEX pastime_feedback_given_decides ON pastime_feedback_given (pos) WHERE type = 'suggestion';

-- +goose Down
DROP INDEX pastime_feedback_given_decides;
DROP INDEX pastime_feedback_given_suggests;
ALTER TABLE pastime_feedback_given DROP COLUMN suggests;
