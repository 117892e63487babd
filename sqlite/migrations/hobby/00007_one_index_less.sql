-- +goose Up
-- A listing of an agent merges those of each kind that it has, which are found by skipping
-- through the index on both: one place less to write to, and to delete from.
DROP INDEX pastime_hobby_activities_by_agent;
