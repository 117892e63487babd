package kgraph

import (
	"strings"

	"github.com/pastime-go/pastime/kgraph/internal/alike"
)

// key is what the names of one concept have in common.
func (s Sort) key(name string) string {
	if s.exact() {
		return name
	}
	return alike.Key(name)
}

// end is the part of a name that people say: a function with its package's name and
// without its path, the last part of a path.
func (s Sort) end(name string) string {
	switch s {
	case Function:
		head := ""
		if rest, ok := strings.CutPrefix(name, "(*"); ok {
			head, name = "(*", rest
		}
		return head + name[strings.LastIndexByte(name, '/')+1:]
	case Package, Document:
		return name[strings.LastIndexByte(strings.TrimSuffix(name, "/"), '/')+1:]
	}
	return name
}
