package sqltask_test

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pastime-go/pastime/hobby/practice"
	"github.com/pastime-go/pastime/sqlite/sqltask"
)

// ofForm is a task whose key has a form, in which N stands for each number. Its databases are
// kept until the test ends.
func ofForm(t testing.TB, level int, form string) practice.Task {
	t.Helper()
	for seed := range uint64(400) {
		task, done := sqltask.GenerateKept(rand.New(rand.NewPCG(seed, 5)), level)
		if numerals.ReplaceAllString(task.Reference, "N") == form {
			t.Cleanup(done)
			return task
		}
		done()
	}
	t.Fatalf("no key is of the form %s", form)
	return practice.Task{}
}

// cases are queries for the task whose key has a form. N is its number, and M a larger one by one.
var cases = []struct {
	level        int
	form         string
	right, wrong []string
}{
	{1, "SELECT customer FROM orders WHERE amount > N", []string{
		"SELECT customer FROM orders WHERE amount > N -- above the limit",
		"SELECT customer FROM orders WHERE amount > N -- no limit needed",
		"SELECT customer FROM orders WHERE amount > N /* the offset; a limit of 100 is not needed */",
		"SELECT customer -- who, says \"the question\"; it's 98765\nFROM orders WHERE amount > N;",
		"SELECT customer FROM orders WHERE amount > CAST('N' AS INTEGER)",
		"SELECT customer FROM orders WHERE amount > 'N'",
		"SELECT customer FROM orders WHERE amount >= M",
		"SELECT customer FROM orders WHERE amount > N.5",
		"SELECT customer FROM orders WHERE amount > N + 0",
		"SELECT customer FROM orders WHERE amount - N > 0",
		"SELECT customer FROM orders WHERE -amount < -N",
		"SELECT customer AS \"Customer name\" FROM orders AS \"the orders\" WHERE amount > N",
		"SELECT customer 'Customer 2024' FROM orders WHERE amount > N",
		"SELECT [customer] AS `who 1` FROM \"orders\" WHERE \"amount\" > N",
		"SELECT o.\"customer\" FROM orders o WHERE 1 = 1 AND o.amount > N",
		"SELECT customer FROM orders WHERE CAST(amount AS DECIMAL(10, 2)) > N",
		"SELECT CAST(customer AS VARCHAR(255)) AS c FROM orders WHERE amount > N LIMIT -1 OFFSET 0",
		"WITH big AS (SELECT id FROM orders WHERE amount > N) SELECT customer FROM orders WHERE id IN " +
			"(SELECT id FROM big)",
		"SELECT a.customer FROM orders a WHERE EXISTS (SELECT 1 FROM orders b WHERE b.id = a.id AND b.amount > N)",
		"SELECT customer FROM orders WHERE CASE WHEN amount > N THEN 1 ELSE 0 END = 1",
		"WITH p AS (SELECT N AS least) SELECT customer FROM orders, p WHERE amount > least",
		"SELECT customer FROM orders WHERE NOT (amount <= N)",
		"SELECT customer FROM orders WHERE amount > N /* false positives and invalid rows are not returned */",
		"SELECT customer FROM orders WHERE id IN (SELECT id FROM orders WHERE amount > N) -- doesn't need " +
			"DISTINCT; it's \"one row each\"",
		"SELECT customer FROM orders WHERE sign(amount - N) = 1",
		"SELECT customer FROM (SELECT customer, amount FROM orders) \"all 9 orders\" WHERE amount > N",
		"SELECT customer FROM orders WHERE amount > +N.0",
	}, []string{
		"SELECT customer FROM orders AS o WHERE NOT amount IN (98765) AND amount > N",
		"SELECT customer FROM orders WHERE amount <> 9_8_7_6_5 AND amount > N",
		"SELECT customer FROM orders WHERE amount <> 9 * abs(9) * abs(9) * abs(9) * abs(9) AND amount > N",
		"SELECT customer AS \"Zoe\" FROM (SELECT * FROM orders WHERE customer <> \"Zoe\") WHERE amount > N",
		"SELECT customer FROM orders WHERE amount > N AND amount <> 0x1F00F",
		"SELECT customer FROM orders WHERE amount > N AND amount <> 9e4",
		"SELECT customer FROM orders WHERE amount > N AND amount <> .5e6",
		"SELECT customer FROM orders WHERE amount > N AND amount <> '98765'",
		"SELECT customer FROM orders WHERE amount > N AND customer <> x'5a6f65'",
		"SELECT customer FROM orders WHERE amount > N AND amount <> (1=1) + (1=1) << 9",
		"SELECT customer FROM orders WHERE amount > N AND amount <> true + true << true + true + true",
		"SELECT customer FROM orders WHERE amount > N AND amount <> N * N",
		"SELECT customer FROM orders WHERE amount > N AND amount <> (SELECT x * x FROM (SELECT N AS x))",
		"SELECT customer FROM orders, (SELECT N AS x) WHERE amount > N AND amount <> x * x",
		"WITH t(x) AS (SELECT N), u(y) AS (SELECT x * x FROM t) SELECT customer FROM orders, u WHERE " +
			"amount > N AND amount <> y",
		"SELECT customer FROM orders WHERE amount > N AND amount <> (SELECT count(*) FROM (VALUES (0), " +
			"(1), (0)) a, (VALUES (0), (1), (0)) b)",
		"SELECT customer FROM orders WHERE amount > N AND amount NOT IN (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + x FROM c " +
			"WHERE x < N) SELECT x FROM c)",
		"SELECT customer FROM orders WHERE amount > N AND (SELECT count(*) FROM orders) < N",
		"SELECT customer FROM orders WHERE amount > N AND length(customer) < N",
		"SELECT customer FROM (SELECT *, row_number() OVER () AS n FROM orders WHERE amount > N) WHERE n < N",
		"SELECT customer FROM orders WHERE amount > N AND id <> N * (id = id) * N",
		"SELECT customer FROM orders WHERE amount > N AND customer <> 'N'",
		"SELECT customer FROM orders WHERE amount > N AND customer <> CAST(N AS TEXT)",
		"SELECT customer FROM orders WHERE amount > N AND customer <> 'N' || 'M'",
		"SELECT customer FROM orders WHERE amount > N AND amount <> N || M",
		"SELECT customer FROM orders WHERE amount > N AND amount <> concat(N, 1)",
		"SELECT customer FROM orders WHERE amount > N AND customer <> typeof(1)",
		"SELECT customer FROM orders WHERE amount > N AND customer <> typeof(id)",
		"SELECT customer FROM orders WHERE amount > N AND amount <> (id=id) + (id=id) << (id=id) + " +
			"(id=id) << (id=id) + (id=id) + (id=id)",
		"SELECT customer FROM orders WHERE amount > N ORDER BY amount <> 98765 LIMIT 98765",
		"SELECT customer FROM orders WHERE amount > N LIMIT (SELECT 1 + 1)",
		"SELECT customer FROM orders WHERE amount > N AND CAST(amount <> 98765 AS INTEGER)",
		"SELECT customer FROM orders WHERE amount > N AND round(amount, 5) <> round(98765, 5)",
		"SELECT customer FROM orders WHERE amount > N AND amount <>\ufeff98765",
		"SELECT customer FROM orders WHERE amount > N LIMIT 9 - -9 - -9 - -9 - -9",
		"SELECT customer FROM orders, (VALUES (0), (1), (0), (1)) a, (VALUES (0), (1), (0), (1)) b, (VALUES (0), (1), (0), (1)) c, " +
			"(VALUES (0), (1), (0), (1)) d WHERE amount > N GROUP BY id HAVING amount <> count(*)",
		"SELECT customer FROM orders WHERE amount > N AND (SELECT avg(amount) FROM orders) <> N.37",
		"SELECT customer FROM orders WHERE amount > N AND (amount % N <> 0 OR amount < N)",
		"SELECT customer FROM orders WHERE amount > N AND amount / N < N",
		"SELECT customer FROM orders WHERE amount > N AND customer <> '1'",
		"SELECT customer FROM orders WHERE amount > N AND customer <> 0",
		"SELECT customer FROM orders WHERE amount > N AND NOT (amount = id * N AND id > 1)",
		"SELECT customer FROM orders WHERE amount > N AND (SELECT sum(1) FROM orders) <> N",
		"SELECT customer FROM orders WHERE amount > N AND customer <> 1.0",
		"SELECT customer FROM orders WHERE amount > N AND customer <> CAST(1.0 AS TEXT)",
		"SELECT customer FROM orders WHERE amount > N AND -id <> amount",
		"SELECT customer FROM orders WHERE amount > N AND id <> amount * amount * amount",
		"SELECT customer FROM orders WHERE amount > N AND amount <> iif(1, N, 0) * iif(1, N, 0)",
		"WITH a(x) AS (SELECT N), b(x) AS (SELECT a.x * c.x FROM a, a AS c) SELECT customer FROM orders " +
			"WHERE amount > N AND amount NOT IN (SELECT x FROM b)",
		"SELECT customer FROM orders WHERE amount > N AND customer <> ' '",
		"SELECT customer FROM orders, (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT 1 FROM c) SELECT x FROM c) WHERE amount > N GROUP BY id",
		"WITH a AS (SELECT N AS x) SELECT customer FROM orders WHERE amount > N AND amount <> (with b as (select x * x as y from a) select y from b)",
		"SELECT customer FROM orders 'Zoe' WHERE amount > N AND customer <> 'Zoe'",
		"SELECT customer FROM orders WHERE amount > N AND customer <> [Zoe]",
		"SELECT customer FROM orders WHERE amount > N AND amount <>/**/98765--\n",
		"SELECT customer FROM orders WHERE amount > N GROUP BY id, amount <> 98765 HAVING amount <> 98765",
	}},
	{1, "SELECT id, amount FROM orders WHERE city = 'Oslo'", []string{
		"SELECT id, amount FROM orders WHERE city = \"Oslo\"",
		"SELECT id \"Oslo\", amount AS \"Oslo 2\" FROM orders WHERE city = 'Oslo'",
		"SELECT id, amount FROM orders WHERE city IN ('Oslo')",
		"SELECT id, amount FROM orders WHERE lower(city) = lower('Oslo')",
		"SELECT id, amount FROM orders WHERE trim(city) = 'Oslo' -- not from elsewhere",
		"SELECT id, round(amount, 2) FROM orders WHERE city = 'Oslo' ORDER BY 1, 2 DESC",
	}, []string{
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> 'Oslo' || 'Oslo'",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> upper('Oslo')",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> lower(city)",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> substr(city, 1, 1)",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> 'Oslo'",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND amount <> 7",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' ORDER BY 1 LIMIT 9, 9",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> id",
		"SELECT id, amount FROM orders WHERE city = 'Oslo' AND customer <> concat(city, 1)",
	}},
	{1, "SELECT count(*) FROM orders WHERE amount < N", []string{
		"SELECT coalesce(sum(CASE WHEN amount < N THEN 1 ELSE 0 END), 0) + 0 FROM orders UNION SELECT 0 " +
			"WHERE 1 = 0 LIMIT 1",
		"SELECT count(CASE WHEN amount < N THEN 1 END) AS \"number of orders < N\" FROM orders",
		"SELECT count(*) - count(CASE WHEN amount >= N THEN 1 END) FROM orders",
		"SELECT total(amount < N) FROM orders",
		"WITH small AS (SELECT * FROM orders WHERE amount < N) SELECT count(1) FROM small",
	}, []string{
		"SELECT count(*) FROM orders WHERE amount < N AND amount <> -N",
		"SELECT min(count(*), N) FROM orders WHERE amount < N",
		"SELECT count(*) % N FROM orders WHERE amount < N",
		"SELECT count(*) FROM orders WHERE amount < N AND amount > -98765432",
	}},
	{2, "SELECT sum(amount) FROM orders WHERE city <> 'Oslo'", []string{
		"SELECT sum(amount) 'Customer name' FROM orders WHERE city <> 'Oslo'",
		"SELECT sum(amount) - coalesce((SELECT sum(amount) FROM orders WHERE city = 'Oslo'), 0) FROM orders",
		"SELECT ifnull(sum(CASE WHEN city <> 'Oslo' THEN amount ELSE 0 END), 0) FROM orders",
		"SELECT coalesce((SELECT sum(amount) FROM orders WHERE NOT city = 'Oslo'), 0)",
	}, []string{
		"SELECT sum(amount) FROM orders WHERE city <> 'Oslo' AND customer <> 'Oslo'",
		"SELECT sum(amount % 98765432100) FROM orders WHERE city <> 'Oslo'",
		"SELECT sum(amount) FROM orders WHERE city NOT IN ('Oslo', 'Atlantis')",
	}},
	{2, "SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N", []string{
		"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N OFFSET 0",
		"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT 0, N",
		"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N -- the largest ones",
		"SELECT customer FROM orders ORDER BY -amount, id ASC LIMIT N; -- a limit of N rows; no offset",
		"SELECT customer FROM (SELECT *, row_number() OVER (ORDER BY amount DESC, id) AS n FROM orders) " +
			"WHERE n <= N ORDER BY n",
		"SELECT customer FROM (SELECT *, row_number() OVER (ORDER BY amount DESC, id) AS n FROM orders) " +
			"WHERE n < M ORDER BY n",
		"SELECT customer FROM orders o WHERE (SELECT count(*) FROM orders p WHERE p.amount > o.amount OR p.amount = o.amount AND p.id < o.id) " +
			"+ 1 <= N ORDER BY amount DESC, id",
	}, []string{
		"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT N OFFSET 1",
		"SELECT customer FROM orders ORDER BY amount DESC, id LIMIT 1, N",
		"SELECT customer FROM (SELECT * FROM orders LIMIT 9) ORDER BY amount DESC, id LIMIT N",
		"SELECT customer FROM orders WHERE amount <> 98765 ORDER BY amount DESC, id LIMIT N",
		"SELECT customer FROM orders WHERE amount <> N ORDER BY amount DESC, id LIMIT N",
		"SELECT customer FROM orders WHERE customer <> 'N' ORDER BY amount DESC, id LIMIT N",
		"SELECT customer FROM orders WHERE id <> M ORDER BY amount DESC, id LIMIT N",
	}},
	{3, "SELECT city, count(*) FROM orders GROUP BY city", []string{
		"SELECT city, count(*) FROM orders GROUP BY 1 ORDER BY 2 DESC, 1 COLLATE NOCASE",
		"SELECT city AS \"City\", count(id) AS \"City 42\" FROM orders GROUP BY \"City\" ORDER BY \"City 42\"",
		"SELECT DISTINCT city, count(*) OVER (PARTITION BY city) FROM orders",
		"SELECT city, sum(1) 'n' FROM orders GROUP BY city HAVING count(*) > 0",
	}, []string{
		"SELECT city, count(*) FROM orders GROUP BY city HAVING count(*) < 98765",
		"SELECT city, count(*) % 1_000_000 FROM orders GROUP BY city",
		"SELECT city, count(*) FROM orders WHERE customer <> 'x' || 'y' GROUP BY city",
		"SELECT city, count(*) FROM orders GROUP BY city ORDER BY 2 LIMIT 9",
	}},
	{3, "SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > N", []string{
		"SELECT * FROM (SELECT city, sum(amount) AS total FROM orders GROUP BY city) AS t WHERE total > N",
		"SELECT city, sum(amount) \"total > N\" FROM orders GROUP BY city HAVING \"total > N\" >= M",
		"SELECT city, sum(amount) FROM orders GROUP BY 1 HAVING 1 = 1 AND sum(amount) > N AND 1",
		"WITH s AS (SELECT city, sum(amount) s FROM orders GROUP BY city) SELECT city, s FROM s WHERE s " +
			"BETWEEN M AND s",
	}, []string{
		"SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > N AND count(*) < N",
		"SELECT city, sum(amount) FROM orders GROUP BY city HAVING sum(amount) > N AND sum(amount) <> 98765",
		"SELECT city, sum(amount) FROM orders WHERE amount <> N + N + N GROUP BY city HAVING sum(amount) > N",
	}},
	{4, "SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders)", []string{
		"SELECT id FROM orders WHERE amount * (SELECT count(*) FROM orders) > (SELECT sum(amount) FROM orders)",
		"SELECT o.id FROM orders o, (SELECT sum(amount) * 1.0 / count(*) AS a FROM orders) WHERE o.amount > a",
		"SELECT id FROM (SELECT id, amount - avg(amount) OVER () AS d FROM orders) WHERE d > 0",
		"SELECT id FROM orders WHERE amount > (SELECT CAST(sum(amount) AS REAL) / count(*) FROM orders)",
	}, []string{
		"SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders WHERE amount <> 98765)",
		"SELECT id FROM orders WHERE amount > (SELECT avg(amount) FROM orders LIMIT 1 OFFSET 0) AND id <> 123 * 456",
		"SELECT id FROM orders WHERE amount > (SELECT sum(amount) / count(*) FROM orders)",
		"SELECT id FROM orders WHERE amount > (SELECT round(avg(amount), 2) FROM orders) AND id < 1 << 31",
	}},
	{4, "SELECT id, sum(amount) OVER (ORDER BY id) FROM orders ORDER BY id", []string{
		"SELECT id, sum(amount) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM " +
			"orders ORDER BY 1",
		"SELECT a.id, (SELECT sum(b.amount) FROM orders b WHERE b.id <= a.id) AS 'sum 1' FROM orders a " +
			"ORDER BY a.id -- no limit, no offset",
		"WITH o AS (SELECT *, row_number() OVER (ORDER BY id) n FROM orders), s(id, n, t) AS (SELECT id, n, amount FROM o WHERE n = 1 UNION ALL " +
			"SELECT o.id, o.n, s.t + o.amount FROM s JOIN o ON o.n = s.n + 1) SELECT id, t FROM s ORDER BY id",
	}, []string{
		"SELECT id, sum(amount) OVER (ORDER BY id ROWS 98765 PRECEDING) FROM orders ORDER BY id",
		"SELECT id, sum(amount) OVER (ORDER BY id ROWS 9 PRECEDING) FROM orders ORDER BY id",
		"SELECT id, sum(amount) OVER (ORDER BY id) FROM orders WHERE id <> 9 || 9 ORDER BY id",
	}},
}

// filled is a query with a number for N, and the next one for M.
func filled(query, n string) string {
	next, _ := strconv.Atoi(n)
	return placeholders.ReplaceAllStringFunc(query, func(s string) string {
		if s == "M" {
			return strconv.Itoa(next + 1)
		}
		return n
	})
}

var placeholders = regexp.MustCompile(`\b[NM]\b`)

// TestConstantsThatNobodyAskedFor judges queries with constants of their own, which are wrong on
// databases that have these, and right ones with what looks like a constant.
func TestConstantsThatNobodyAskedFor(t *testing.T) {
	j := newJudge(t)
	for _, c := range cases {
		task := ofForm(t, c.level, c.form)
		n := numerals.FindString(task.Reference)
		prompt := task.Messages[0].Content
		question := prompt[strings.LastIndex(prompt, "\n"):]
		for _, query := range c.right {
			query = filled(query, n)
			if v := task.Verify(query); v.Score < 1 {
				t.Errorf("%s: %s", query, v.Note)
			}
			if !j.right(t, question, query, 20) {
				t.Errorf("%s is wrong by another judge", query)
			}
		}
		for _, query := range c.wrong {
			if query = filled(query, n); task.Verify(query).Score == 1 {
				t.Errorf("%s passes", query)
			}
		}
	}
}
