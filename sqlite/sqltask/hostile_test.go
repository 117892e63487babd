package sqltask_test

import (
	"strings"
	"testing"
)

// hostile are queries that do as much as they can.
var hostile = []string{
	"SELECT customer FROM orders WHERE amount > N AND (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 99999) " +
		"SELECT max(x) FROM c) > 0",
	"SELECT customer FROM orders WHERE (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x) FROM c) > 0",
	"SELECT customer FROM orders WHERE amount > N AND (WITH RECURSIVE c(x) AS (SELECT min(id) FROM orders " +
		"UNION ALL SELECT x + 1 FROM c WHERE x / N < N) SELECT max(x) FROM c) <> 0",
	"SELECT customer FROM orders WHERE (WITH RECURSIVE c(x) AS (SELECT id UNION SELECT x+1 FROM c) SELECT max(x) FROM c) > 0",
	"SELECT customer FROM orders WHERE (WITH RECURSIVE c(x,y) AS (SELECT id,concat(city,city,city,city,city,city,city,city) " +
		"UNION SELECT x+1,trim(y,x) FROM c) SELECT max(x) FROM c) > 0",
	"SELECT customer FROM orders WHERE (WITH RECURSIVE c(x,y) AS (SELECT id,concat(city,city,city,city,city,city,city,city,city,city,city,city) " +
		"UNION SELECT x+1,concat(substr(y,1,x),x) FROM c ORDER BY 2 DESC, 1) SELECT max(x) FROM c) > 0",
	"SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f WHERE " +
		"concat(a.city,b.city,c.city,d.city,e.city,f.city) < concat(f.city,a.city,a.city)",
	"SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f WHERE lower(concat(a.city,a.city,a.city)) LIKE " +
		"upper(concat(f.city,b.city,a.city))",
	"SELECT count(DISTINCT concat(a.city,b.city,c.city,d.id)) FROM orders a, orders b, orders c, orders d, orders e, orders f",
	"SELECT a.id FROM orders a, orders b, orders c, orders d, orders e, orders f ORDER BY concat(a.city,b.city,c.city,d.city,e.id), f.id LIMIT 1",
	"SELECT sum(count(*)) OVER (ORDER BY a.id, b.id, c.id, d.id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM orders a, " +
		"orders b, orders c, orders d, orders e GROUP BY a.id, b.id, c.id, d.id, e.id LIMIT 1",
	strings.Repeat("abs(", 20) + "1" + strings.Repeat(")", 20),
	"SELECT customer FROM orders WHERE amount > N AND " + strings.Repeat("(1 = 1) + ", 80) + "1 > 0",
	"SELECT customer FROM orders WHERE amount > N AND " + strings.Repeat("(SELECT 1) = ", 70) + "1",
}

// BenchmarkHostile measures the verdict on each: the longest is what one answer may take.
func BenchmarkHostile(b *testing.B) {
	task := task(b, 1, 1)
	for i, query := range hostile {
		query = filled(query, numerals.FindString(task.Reference))
		b.Run(string(rune('a'+i)), func(b *testing.B) {
			for b.Loop() {
				if task.Verify(query).Score > 0 {
					b.Fatalf("%s passes", query)
				}
			}
		})
	}
}
