package sqlite

// OneByOne makes every write a transaction of its own.
func (o *Options) OneByOne() *Options {
	o.single = true
	return o
}
