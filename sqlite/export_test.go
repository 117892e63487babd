package sqlite

// OneByOne makes every write a transaction of its own.
func (o *Options) OneByOne() *Options {
	o.single = true
	return o
}

// Queued is how many writes wait for the writer.
func (s *Store) Queued() int { return len(s.queue) }
