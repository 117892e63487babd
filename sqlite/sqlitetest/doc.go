// Package sqlitetest makes large stores for benchmarks, quickly.
package sqlitetest
