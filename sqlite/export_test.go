package sqlite

import "fmt"

// OneByOne makes every write a transaction of its own.
func (o *Options) OneByOne() *Options {
	o.single = true
	return o
}

// Queued is how many writes wait for the writer.
func (s *Store) Queued() int { return len(s.queue) }

// LimitPages lets the database have n pages, or those that it has if there are more.
func (s *Store) LimitPages(n int) error {
	_, err := s.writeDB.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", n))
	return err
}
