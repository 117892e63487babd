package sqltask_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

func task(t testing.TB, level int, seed uint64) practice.Task {
	t.Helper()
	s, err := practice.NewSuite("test", sqltask.New())
	if err != nil {
		t.Fatal(err)
	}
	task, err := s.Task("sql", level, seed)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestReferencesPassAndOthersFail(t *testing.T) {
	for level := 1; level <= 4; level++ {
		for seed := range uint64(25) {
			task := task(t, level, seed)
			for _, right := range []string{task.Reference, "```sql\n" + task.Reference + ";\n```", "SELECT * FROM (" + task.Reference + ")"} {
				if v := task.Verify(right); v.Score != 1 {
					t.Errorf("level %d seed %d: %q does not pass: %s", level, seed, right, v.Note)
				}
			}
			for _, wrong := range []string{"", "I don't know", "SELECT 'x'", "SELECT * FROM orders", "SELECT id FROM nothing"} {
				if v := task.Verify(wrong); v.Score != 0 || v.Note == "" {
					t.Errorf("level %d seed %d: %q: %+v, want it to fail with a note", level, seed, wrong, v)
				}
			}
		}
	}
}

// TestHostileQueries tries what a query must not be able to do.
func TestHostileQueries(t *testing.T) {
	task := task(t, 1, 1)
	victim := filepath.Join(t.TempDir(), "victim.db")
	begin := time.Now()
	for _, q := range []string{
		"DROP TABLE orders", "DELETE FROM orders", "PRAGMA writable_schema = ON",
		"ATTACH '" + victim + "' AS v", "SELECT 1; ATTACH '" + victim + "' AS v",
		"SELECT writefile('" + victim + "', 'x')", "SELECT load_extension('" + victim + "')", "VACUUM INTO '" + victim + "'",
		"WITH x AS (SELECT 1) INSERT INTO orders SELECT 99, 'x', 'x', 1", "WITH x AS (SELECT 1) DELETE FROM orders",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
		"SELECT randomblob(2000000000)", "SELECT zeroblob(1000000000)",
		"SELECT replace(hex(zeroblob(100000000)), '00', 'xxxxxxxxxx')",
	} {
		if v := task.Verify(q); v.Score != 0 {
			t.Errorf("%q passes", q)
		}
	}
	if _, err := os.Stat(victim); err == nil {
		t.Error("a query made a file")
	}
	if d := time.Since(begin); d > 30*time.Second {
		t.Errorf("took %v", d)
	}
	if v := task.Verify(task.Reference); v.Score != 1 {
		t.Errorf("afterwards the reference does not pass: %s", v.Note)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("SELECT 1")
	f.Add("WITH a AS (SELECT 1) SELECT * FROM a, orders")
	f.Add("```sql\nSELECT\x00")
	task := task(f, 2, 1)
	f.Fuzz(func(t *testing.T, answer string) {
		if v := task.Verify(answer); v.Score != 0 && v.Score != 1 {
			t.Fatalf("score %v", v.Score)
		}
	})
}

func Example() {
	suite, err := practice.NewSuite("mine-1", sqltask.New())
	if err != nil {
		log.Fatal(err)
	}
	task, err := suite.Task("sql", 3, 4)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(task.Reference)
	fmt.Println(task.Verify("SELECT city FROM orders").Note)
	// Output:
	// SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > 176
	// a wrong number of rows
}
