// Package archivetest has the test suites of archive.Blobs and archive.Catalogue.
//
//	func TestBlobs(t *testing.T) {
//		archivetest.TestBlobs(t, func(t *testing.T) archive.Blobs { ... })
//	}
package archivetest
