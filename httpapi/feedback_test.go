package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pastime-go/pastime/hobby"
	"github.com/pastime-go/pastime/httpapi"
	"github.com/pastime-go/pastime/rlhf"
	"github.com/pastime-go/pastime/sqlite/feedback"
)

func openFeedback(t testing.TB, w *world) *rlhf.Pipeline {
	t.Helper()
	s, err := feedback.New(t.Context(), w.store)
	if err != nil {
		t.Fatal(err)
	}
	p, err := rlhf.New(s, &rlhf.Sources{Live: w.store, Past: hobby.PastOf(w.store)}, &rlhf.Options{
		PerDay: 40,
		Decide: w.decide,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rated is a world with an insight of its own, in0, and one from outside, in1.
func rated(t *testing.T, o *httpapi.Options) *world {
	t.Helper()
	w := newWorld(t, nil, o)
	at := time.Date(2026, 2, 7, 10, 0, 0, 0, time.UTC)
	a := hobby.Activity{ID: "a1", Agent: "x", Plan: hobby.Plan{Kind: "waiting", Policy: "p/1", Propensity: 1}, Status: hobby.Completed,
		Started: at, Ended: at, Description: "waited", Insights: 2}
	s := hobby.Session{Activity: a, Insights: []hobby.Insight{
		{ID: "in0", Activity: "a1", Kind: "waiting", At: at, Text: "waiting <script>alert(1)</script> is an art", Confidence: 1},
		{ID: "in1", Activity: "a1", Kind: "waiting", At: at, Text: "they say so", Confidence: 0.5, Taint: hobby.Untrusted, Source: "out.md"},
	}}
	if _, err := w.store.Commit(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestFeedbackThatIsWrong posts what cannot be, and reads what is said of it.
func TestFeedbackThatIsWrong(t *testing.T) {
	w := rated(t, nil)
	insight := func(rest string) string { return `{"target_type":"insight","target_id":"in0"` + rest + "}" }
	for body, want := range map[string]struct {
		status int
		says   string
	}{
		insight(""):                       {422, "rating"},
		insight(`,"rating":0`):            {422, "rating"},
		insight(`,"rating":6`):            {422, "rating"},
		insight(`,"rating":-1`):           {422, "rating"},
		insight(`,"rating":3.5`):          {422, "rating"},
		insight(`,"rating":"5"`):          {422, "rating"},
		insight(`,"rating":NaN`):          {400, ""},
		insight(`,"rating":1e400`):        {400, ""},
		insight(`,"comment":"   "`):       {422, "rating"},
		insight(`,"stars":5`):             {422, "stars"},
		insight(`,"rating":5,"Rating":1`): {422, "Rating"},
		insight(`,"rating":5,"comment":"` + strings.Repeat("x", 4001) + `"`):  {422, "comment"},
		insight(`,"rating":5,"comment":"` + strings.Repeat("x", 2<<20) + `"`): {413, ""},
		insight(`,"rating":5,"user_id":"` + strings.Repeat("x", 129) + `"`):   {422, "user_id"},
		insight(`,"rating":5,"user_id":"a\nb"`):                               {422, "user"},
		insight(`,"rating":5,"user_id":"a\u202eb"`):                           {422, "user"},
		insight(`,"rating":5,"exposure_id":"nothing"`):                        {422, "exposure"},
		`{"target_type":"insight","target_id":"nothing","rating":5}`:          {404, ""},
		`{"target_type":"activity","target_id":"in0","rating":5}`:             {404, ""},
		`{"target_type":"adapter","target_id":"in0","rating":5}`:              {404, ""},
		`{"target_type":"person","target_id":"in0","rating":5}`:               {422, "target_type"},
		`{"target_type":"insight","target_id":"","rating":5}`:                 {422, "target_id"},
		`{"target_type":"activity","target_id":"a1","accept":true}`:           {422, "accept"},
	} {
		status, header, got := w.do("POST", "/hobby/feedback", body)
		if status != want.status || !strings.Contains(got, want.says) {
			t.Errorf("%.90s: %d %.300s, want %d that names %q", body, status, got, want.status, want.says)
		}
		if len(got) > 4000 {
			t.Errorf("%.90s: an answer of %d bytes", body, len(got))
		}
		checkProblem(t, body[:min(90, len(body))], status, header, got)
	}
	if c := get[httpapi.RewardModel](t, w, "/hobby/reward/model"); c.Examples != 0 {
		t.Errorf("%d are stored", c.Examples)
	}
	for i := range 41 { // a flood of one who has no name
		status, _, body := w.do("POST", "/hobby/feedback", insight(fmt.Sprintf(`,"rating":%d`, 1+i%5)))
		if want := map[bool]int{true: 200, false: 429}[i < 40]; status != want {
			t.Fatalf("number %d of a flood: %d %s, want %d", i+1, status, body, want)
		}
	}
	if c := get[httpapi.RewardModel](t, w, "/hobby/reward/model"); c.Examples != 1 || c.Raters != 1 {
		t.Errorf("a flood of one counts as %+v", c)
	}
	if status, _, body := w.do("POST", "/hobby/feedback", insight(`,"rating":1,"user_id":"n0"`)); status != 429 {
		t.Errorf("a made-up name after the flood of its address: %d %s, want 429", status, body)
	}
}

// TestWhoMayAccept has insights from outside accepted by those who may.
func TestWhoMayAccept(t *testing.T) {
	accept := `{"target_type":"insight","target_id":"in1","accept":true,"user_id":"mallory"}`
	refuse := strings.Replace(accept, "true", "false", 1)
	accepted := func(w *world) *hobby.Acceptance {
		t.Helper()
		p, err := w.store.Insights(t.Context(), hobby.InsightFilter{ID: "in1"})
		if err != nil {
			t.Fatal(err)
		}
		return p.Insights[0].Acceptance
	}
	w := rated(t, nil)
	if status, _, body := w.do("POST", "/hobby/feedback", accept); status != 403 || accepted(w) != nil {
		t.Errorf("who is not logged in: %d %s", status, body)
	}
	const token = "a token of sixteen bytes or more"
	w = rated(t, &httpapi.Options{Middleware: []func(http.Handler) http.Handler{httpapi.Bearer(token)}})
	post := func(w *world, body string) (int, string) {
		r := httptest.NewRequest("POST", "/hobby/feedback", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		w.ServeHTTP(answer, r)
		return answer.Code, answer.Body.String()
	}
	lost := strings.Replace(accept, "}", `,"exposure_id":"nothing"}`, 1)
	if status, body := post(w, lost); status != 422 || accepted(w) != nil {
		t.Errorf("what was never shown: %d %s, and it is accepted: %v", status, body, accepted(w))
	}
	if status, body := post(w, accept); status != 200 || accepted(w) == nil || !accepted(w).Accepted || accepted(w).By != rlhf.ByFeedback {
		t.Errorf("with the token: %d %s", status, body)
	}
	if status, body := post(w, refuse); status != 200 || accepted(w).Accepted {
		t.Errorf("taken back: %d %s", status, body)
	}
	who, may := "grace", false
	w = rated(t, &httpapi.Options{Reviewer: func(*http.Request) (string, bool) { return who, may }})
	if status, body := post(w, accept); status != 403 {
		t.Errorf("whom the host does not let: %d %s", status, body)
	}
	may = true
	if status, body := post(w, accept); status != 200 || accepted(w).By != rlhf.ByFeedback || !strings.Contains(body, "grace") ||
		strings.Contains(body, "mallory") {
		t.Errorf("whom the host names: %d %s, by %v", status, body, accepted(w))
	}
	if status, body := post(w, strings.Replace(accept, "in1", "in0", 1)); status != 422 {
		t.Errorf("a text of the program's own: %d %s", status, body)
	}
}

// TestClientsBehindProxies counts anonymous raters by the address that a trusted proxy
// says, and by the proxy's where it is not trusted.
func TestClientsBehindProxies(t *testing.T) {
	for _, c := range []struct {
		proxies []netip.Prefix
		raters  int
	}{
		{nil, 1}, {[]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, 3},
	} {
		w := rated(t, &httpapi.Options{Rate: -1, Proxies: c.proxies})
		for _, from := range []string{"203.0.113.1", "203.0.113.2", "9.9.9.9, 203.0.113.2", "203.0.113.3, 192.0.2.77"} {
			r := httptest.NewRequest("POST", "/hobby/feedback", strings.NewReader(`{"target_type":"insight","target_id":"in0","rating":2}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-For", from)
			r.RemoteAddr = "192.0.2.1:1234"
			answer := httptest.NewRecorder()
			w.ServeHTTP(answer, r)
			if answer.Code != 200 {
				t.Fatal(answer.Body)
			}
		}
		if got := get[httpapi.RewardModel](t, w, "/hobby/reward/model"); got.Raters != c.raters {
			t.Errorf("with the proxies %v: %d raters, want %d", c.proxies, got.Raters, c.raters)
		}
	}
}
