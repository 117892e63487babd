-- +goose Up
CREATE TABLE pastime_settings_chosen (
	agent   TEXT PRIMARY KEY,
	version INTEGER NOT NULL, -- counts from 1
	body    BLOB NOT NULL     -- settings.Values as JSON
) WITHOUT ROWID;

-- +goose Down
DROP TABLE pastime_settings_chosen;
