// Package archive moves old practice out of the store into small immutable files, and
// answers from them as the store would.
//
// An [Archiver] writes the sessions that are older than some days to Parquet files: one
// set of three a month and node, with the activities, their verified answers and their
// insights. DuckDB, pandas and Spark read them as they are. A [Catalogue] knows the
// files, by their hashes and by what is in them. Files are in [Blobs]: a folder ([Dir]),
// or an object store.
//
// Nothing is deleted from the store before its files were written, synced, read back and put into
// the catalogue. Each session is compared twice: as it is packed into rows, these are unpacked and
// compared with it value by value; and the values that are read back of each column are those of
// the packed rows. What a row cannot hold ends the job with an error that names it. A crash at any
// step leaves a job that goes on where it was.
//
// The sums of practice (tallies and counts) stay in the store for ever, so progress,
// counters and aggregates do not change by archiving.
package archive
