package mmap

// Anonymous returns size bytes of zeros that belong to no file and may be written
// to. They are not of Go's heap: however many they are, the collector runs as
// often as without them. They must not hold pointers. Where the system has no
// mapping, it is Go's memory after all.
func Anonymous(size int) (*File, error) {
	if size <= 0 {
		return &File{}, nil
	}
	data, unmap, err := mapAnonymous(size)
	if err != nil {
		return nil, err
	}
	huge(data)
	return &File{Data: data, unmap: unmap}, nil
}
