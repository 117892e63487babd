-- +goose Up
-- A listing of a kind, or of an agent, merges those of each agent and kind that there are,
-- which are found by skipping through the index of both: fewer places to write to, and to
-- delete from.
DROP INDEX pastime_hobby_activities_by_kind;
DROP INDEX pastime_hobby_activities_by_agent;
