-- +goose Up
-- How many answers were cut before they ended.
ALTER TABLE pastime_hobby_counts ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
