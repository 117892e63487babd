-- +goose Up
ALTER TABLE pastime_feedback_given ADD COLUMN speaker TEXT NOT NULL DEFAULT ''; -- whose quota it counts to
UPDATE pastime_feedback_given SET speaker = coalesce(nullif(CAST(body AS TEXT) ->> 'voice', ''), rater);
DROP INDEX pastime_feedback_given_rater;
CREATE INDEX pastime_feedback_given_speaker ON pastime_feedback_given (speaker, day);

-- +goose Down
DROP INDEX pastime_feedback_given_speaker;
CREATE INDEX pastime_feedback_given_rater ON pastime_feedback_given (rater, day);
ALTER TABLE pastime_feedback_given DROP COLUMN speaker;
