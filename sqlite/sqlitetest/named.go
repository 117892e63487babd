package sqlitetest

import "database/sql"

// named are the named arguments of a statement.
type named map[string]any

func (n named) args() []any {
	var args []any
	for name, v := range n {
		args = append(args, sql.Named(name, v))
	}
	return args
}
