-- +goose Up
ALTER TABLE pastime_adapters_trials ADD COLUMN watch INTEGER NOT NULL DEFAULT 0; -- it follows a champion

-- +goose Down
ALTER TABLE pastime_adapters_trials DROP COLUMN watch;
