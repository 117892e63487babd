package sqltask

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The bounds of a query count its work and not its time, so the verdict is the
// same on every machine, however busy.
const (
	// maxSteps bounds the steps of SQLite's virtual machine for one answer, on all
	// databases. It allows a query to read the rows of each three times nested.
	maxSteps = 8_000_000
	// maxRows bounds the rows of a query, maxValue the bytes of each of its values
	// and of each of its rows, maxPattern those of a pattern of LIKE.
	maxRows    = 200
	maxValue   = 150
	maxPattern = 50
)

// engine is a private database in memory. It uses SQLite's own interface, because
// the driver of database/sql does not give SQLite's count of steps.
type engine struct {
	tls *libc.TLS
	db  uintptr
}

// open makes an engine with an empty database.
func open() (*engine, error) {
	e := &engine{tls: libc.NewTLS()}
	var rc int32
	e.db, rc = e.handle(func(to uintptr) int32 {
		return e.text(":memory:", func(name uintptr) int32 {
			return sqlite3.Xsqlite3_open_v2(e.tls, name, to, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_MEMORY, 0)
		})
	})
	if rc != sqlite3.SQLITE_OK {
		return nil, errors.Join(e.failed("opening a database", rc), e.close())
	}
	if rc := e.strict(); rc != sqlite3.SQLITE_OK {
		return nil, errors.Join(e.failed("setting up a database", rc), e.close())
	}
	for id, most := range map[int32]int32{
		sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: maxPattern, sqlite3.SQLITE_LIMIT_ATTACHED: 0,
		sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100, sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
	} {
		sqlite3.Xsqlite3_limit(e.tls, e.db, id, most)
	}
	return e, nil
}

// strict has SQLite read "x" as a name, and never as a text.
func (e *engine) strict() int32 {
	const size = 2 * int(unsafe.Sizeof(uintptr(0)))
	at := e.tls.Alloc(size)
	defer e.tls.Free(size)
	return sqlite3.Xsqlite3_db_config(e.tls, e.db, sqlite3.SQLITE_DBCONFIG_DQS_DML, libc.VaList(at, int32(0), uintptr(0)))
}

func (e *engine) close() error {
	rc := sqlite3.Xsqlite3_close_v2(e.tls, e.db)
	e.tls.Close()
	if rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("closing a database: SQLite's error %d", rc)
	}
	return nil
}

// exec runs this package's own statements.
func (e *engine) exec(statements ...string) error {
	rc := e.text(strings.Join(statements, ";"), func(sql uintptr) int32 {
		return sqlite3.Xsqlite3_exec(e.tls, e.db, sql, 0, 0, 0)
	})
	if rc != sqlite3.SQLITE_OK {
		return e.failed("making the orders", rc)
	}
	return nil
}

// trusted runs this package's own query.
func (e *engine) trusted(query string) ([]string, error) {
	stmt, err := e.prepare(query)
	if err != nil {
		return nil, err
	}
	defer sqlite3.Xsqlite3_finalize(e.tls, stmt)
	return e.rows(stmt)
}

var (
	// errSteps is the error of a statement that has taken all the steps that were left.
	errSteps = errors.New("too many steps")
	// errUnread is that of a statement that SQLite cannot read, and so has not run.
	errUnread = errors.New("reading a query")
)

// guarded runs an untrusted query, within all bounds.
func (e *engine) guarded(query string, steps *int32) ([]string, error) {
	return e.bounded(query, pointer(authorize), steps)
}

// bounded runs an untrusted statement that an authorizer allows, in so many steps, and takes
// off these how many it took.
func (e *engine) bounded(query string, authorizer uintptr, steps *int32) ([]string, error) {
	if *steps <= 0 {
		return nil, errSteps
	}
	sqlite3.Xsqlite3_set_authorizer(e.tls, e.db, authorizer, 0)
	sqlite3.Xsqlite3_progress_handler(e.tls, e.db, *steps, pointer(interrupt), 0)
	defer sqlite3.Xsqlite3_set_authorizer(e.tls, e.db, 0, 0)
	defer sqlite3.Xsqlite3_progress_handler(e.tls, e.db, 0, 0, 0)
	stmt, err := e.prepare(query)
	if err != nil {
		return nil, err
	}
	defer sqlite3.Xsqlite3_finalize(e.tls, stmt)
	longest := sqlite3.Xsqlite3_limit(e.tls, e.db, sqlite3.SQLITE_LIMIT_LENGTH, maxValue) // the query's own text may be longer
	defer sqlite3.Xsqlite3_limit(e.tls, e.db, sqlite3.SQLITE_LIMIT_LENGTH, longest)
	rows, err := e.rows(stmt)
	*steps -= sqlite3.Xsqlite3_stmt_status(e.tls, stmt, sqlite3.SQLITE_STMTSTATUS_VM_STEP, 0)
	return rows, err
}

// prepare makes a statement of a query.
func (e *engine) prepare(query string) (stmt uintptr, err error) {
	if strings.Contains(query, "\x00") { // SQLite would read to there
		return 0, fmt.Errorf("%w with a zero byte", errUnread)
	}
	stmt, rc := e.handle(func(to uintptr) int32 {
		return e.text(query, func(sql uintptr) int32 { return sqlite3.Xsqlite3_prepare_v2(e.tls, e.db, sql, -1, to, 0) })
	})
	if rc != sqlite3.SQLITE_OK || stmt == 0 {
		return 0, fmt.Errorf("%w%w", errUnread, e.failed("", rc))
	}
	return stmt, nil
}

// rows returns the rows of a statement as texts.
func (e *engine) rows(stmt uintptr) (out []string, err error) {
	columns := sqlite3.Xsqlite3_column_count(e.tls, stmt)
	for {
		switch rc := sqlite3.Xsqlite3_step(e.tls, stmt); {
		case rc == sqlite3.SQLITE_DONE:
			return out, nil
		case rc == sqlite3.SQLITE_INTERRUPT:
			return nil, errSteps
		case rc != sqlite3.SQLITE_ROW:
			return nil, e.failed("running a query", rc)
		case len(out) == maxRows:
			return nil, fmt.Errorf("more than %d rows", maxRows)
		}
		var row strings.Builder
		for i := range columns {
			row.WriteString(e.value(stmt, i) + "|")
		}
		out = append(out, row.String())
	}
}

// value is a value of a row as it is compared: a number without a fraction is the
// same as a real number, as an integer and as a text.
func (e *engine) value(stmt uintptr, column int32) string {
	switch sqlite3.Xsqlite3_column_type(e.tls, stmt, column) {
	case sqlite3.SQLITE_NULL:
		return "NULL"
	case sqlite3.SQLITE_INTEGER:
		return strconv.Quote(strconv.FormatInt(sqlite3.Xsqlite3_column_int64(e.tls, stmt, column), 10))
	case sqlite3.SQLITE_FLOAT:
		f := sqlite3.Xsqlite3_column_double(e.tls, stmt, column)
		if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return strconv.Quote(strconv.FormatInt(int64(f), 10))
		}
		return strconv.Quote(strconv.FormatFloat(f, 'g', -1, 64))
	}
	text := sqlite3.Xsqlite3_column_blob(e.tls, stmt, column) // of a text, too
	return strconv.Quote(string(libc.GoBytes(text, int(sqlite3.Xsqlite3_column_bytes(e.tls, stmt, column)))))
}

// text calls f with the address of a text.
func (e *engine) text(s string, f func(address uintptr) int32) int32 {
	at, err := libc.CString(s)
	if err != nil {
		return sqlite3.SQLITE_NOMEM
	}
	defer libc.Xfree(e.tls, at)
	return f(at)
}

// handle calls f with the address of a handle, and returns the one that f puts there.
func (e *engine) handle(f func(to uintptr) int32) (uintptr, int32) {
	const size = int(unsafe.Sizeof(uintptr(0)))
	at := e.tls.Alloc(size)
	defer e.tls.Free(size)
	rc := f(at)
	return *(*uintptr)(unsafe.Pointer(unsafe.SliceData(libc.GoBytes(at, size)))), rc
}

func (e *engine) failed(what string, rc int32) error {
	return fmt.Errorf("%s: %s (SQLite's error %d)", what, libc.GoString(sqlite3.Xsqlite3_errmsg(e.tls, e.db)), rc)
}

// pointer returns the address of a function for translated C. The function must
// not be a closure.
func pointer[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&struct{ f F }{f})) }

// interrupt ends the query, whenever SQLite calls it.
func interrupt(*libc.TLS, uintptr) int32 { return 1 }

// functions matches the functions that a query may call. They always return the
// same, tell nothing that is not in the table, and do not take long for one step.
var functions = regexp.MustCompile(`(?i)^(?:count|sum|total|avg|min|max|row_number|rank|dense_rank|percent_rank|cume_dist|ntile|` +
	`lag|lead|first_value|last_value|nth_value|abs|sign|round|floor|ceil|ceiling|trunc|mod|coalesce|ifnull|nullif|iif|if|` +
	`lower|upper|length|substr|substring|trim|ltrim|rtrim|concat|concat_ws|like|glob)$`)

// authorize allows a query to read the task's table only. SQLite calls it for each
// action of a query.
func authorize(_ *libc.TLS, _ uintptr, action int32, first, second, _, _ uintptr) int32 {
	switch action {
	case sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE:
		return sqlite3.SQLITE_OK
	case sqlite3.SQLITE_READ:
		if strings.EqualFold(libc.GoString(first), "orders") {
			return sqlite3.SQLITE_OK
		}
	case sqlite3.SQLITE_FUNCTION:
		if functions.MatchString(libc.GoString(second)) {
			return sqlite3.SQLITE_OK
		}
	}
	return sqlite3.SQLITE_DENY
}
