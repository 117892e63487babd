// Package s3blobs keeps the files of an archive in a bucket of an object store that speaks
// S3: archive.Blobs over minio-go.
//
// The server must honour If-None-Match on PUT, as AWS, MinIO and versitygw do. One that
// ignores it overwrites silently, and archive.Probe, which every archiver calls first,
// refuses it.
package s3blobs
