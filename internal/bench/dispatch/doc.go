// Package dispatch measures how fast work is handed out and its results are
// taken, side by side with River on SQLite. It is a module of its own, so that
// the library's module does not require River.
//
//	go test -run '^$' -bench . -benchtime 500x
package dispatch
