package hobby_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pastime-go/pastime/hobby"
)

// TestPresenceTellsEachChange lets a user come and go at random. A channel of
// Changed is closed at the first change after it was asked for, and not before.
func TestPresenceTellsEachChange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			what string
			d    time.Duration
		}
		idle := time.Duration(rapid.IntRange(1, 5).Draw(rt, "idle")) * time.Minute
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{
				rapid.SampledFrom([]string{"touch", "sleep", "ask", "return", "look"}).Draw(rt, "what"),
				time.Duration(rapid.IntRange(1, 12).Draw(rt, "d")) * 30 * time.Second,
			}
		}), 1, 40).Draw(rt, "steps")
		var wrong string // rapid's own failing must not leave the bubble's goroutine
		synctest.Test(t, func(t *testing.T) {
			p := hobby.NewPresence(idle)
			type asked struct {
				at int // how many changes there were
				c  <-chan struct{}
			}
			var all []asked
			touched, away, changes := time.Now(), false, 0
			for i, s := range steps {
				if s.what == "sleep" || s.what == "return" || s.what == "look" {
					time.Sleep(s.d)
					if !away && time.Since(touched) >= idle {
						away, changes = true, changes+1
					}
				}
				switch s.what {
				case "touch", "return": // a return or a look may come before the timer that tells of the leaving
					p.Touch()
					if touched = time.Now(); away {
						away, changes = false, changes+1
					}
				case "ask", "look":
					all = append(all, asked{changes, p.Changed()})
				}
				synctest.Wait()
				if p.Away() != away || !p.LastTouch().Equal(touched) {
					wrong = fmt.Sprintf("step %d: away %v since %v, want %v since %v", i, p.Away(), p.LastTouch(), away, touched)
					return
				}
				for _, a := range all {
					select {
					case <-a.c:
						if a.at == changes {
							wrong = fmt.Sprintf("step %d: a change was told that did not take place", i)
							return
						}
					default:
						if a.at != changes {
							wrong = fmt.Sprintf("step %d: a change was not told", i)
							return
						}
					}
				}
			}
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func TestPresenceWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(0)
		begin := time.Now()
		go func() {
			time.Sleep(4 * time.Minute)
			p.Touch()
		}()
		if err := p.Wait(t.Context()); err != nil || time.Since(begin) != 9*time.Minute {
			t.Errorf("%v after %v, want nil after 9 min", err, time.Since(begin))
		}
		if err := p.Wait(t.Context()); err != nil || time.Since(begin) != 9*time.Minute {
			t.Errorf("away: %v after %v", err, time.Since(begin))
		}
		p.Touch()
		why := errors.New("why")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, why)
		defer cancel()
		if err := p.Wait(ctx); !errors.Is(err, why) || time.Since(begin) != 10*time.Minute {
			t.Errorf("%v after %v, want the context's cause after 10 min", err, time.Since(begin))
		}
	})
}

func TestUntilTouch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Hour)
		one, stop := p.UntilTouch(t.Context())
		defer stop()
		other, stopOther := p.UntilTouch(t.Context())
		if stopOther(); !errors.Is(context.Cause(other), context.Canceled) {
			t.Errorf("stopped: %v", context.Cause(other))
		}
		if one.Err() != nil {
			t.Errorf("before a touch: %v", one.Err())
		}
		p.Touch() // the user was here all the time
		if !errors.Is(context.Cause(one), hobby.ErrUserReturned) {
			t.Errorf("after a touch: %v", context.Cause(one))
		}
		if late, stop := p.UntilTouch(t.Context()); late.Err() != nil {
			t.Errorf("a touch from before ends what came after it")
		} else {
			stop()
		}
	})
}

// TestPause: a pause ends the work under Yield, waits for its end, and lets no
// work begin until Resume. Work under UntilTouch goes on.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Nanosecond)
		time.Sleep(time.Second)
		work, ended := p.Yield(t.Context(), "training")
		other, stop := p.UntilTouch(t.Context())
		defer stop()
		paused := make(chan error, 1)
		go func() {
			ended, err := p.Pause(t.Context())
			if d := cmp.Diff([]string{"training"}, ended); d != "" {
				t.Errorf("what the pause ended (-want +got):\n%s", d)
			}
			paused <- err
		}()
		synctest.Wait()
		type state struct {
			Ended, OtherEnded, PauseReturned, Free, Away bool
		}
		got := state{errors.Is(context.Cause(work), hobby.ErrPaused), other.Err() != nil, len(paused) != 0, p.Free(), p.Away()}
		if diff := cmp.Diff(state{Ended: true, Away: true}, got); diff != "" {
			t.Errorf("while the work ends (-want +got):\n%s", diff)
		}
		ended()
		ended() // a second call does nothing
		if err := <-paused; err != nil {
			t.Error(err)
		}
		free := make(chan error, 1)
		go func() { free <- p.Wait(t.Context()) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(free) != 0 {
			t.Error("Wait returned in a pause")
		}
		p.Resume()
		p.Resume()
		if err := <-free; err != nil || !p.Free() {
			t.Errorf("after the pause: %v, free %v", err, p.Free())
		}
		_, late := p.Yield(t.Context(), "late")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Pause(ctx); !errors.Is(err, context.Canceled) || p.Free() {
			t.Errorf("a pause that nobody waits for: %v, free %v", err, p.Free())
		}
		late()
	})
}

// TestSharedPresence has a manager read a presence that the host touches.
func TestSharedPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hobby.NewPresence(time.Minute)
		entered := make(chan struct{}, 10)
		s := open(t)
		m := manager(t, s, &hobby.Options{Presence: p}, stuck("sums", entered))
		done := m.Done()
		stop := start(t, m)
		<-entered
		p.Touch()
		synctest.Wait()
		if got := list(t, s, hobby.Filter{}); len(got) != 1 || got[0].Err != hobby.ErrUserReturned.Error() {
			t.Errorf("after a touch: %+v", got)
		}
		if m.Presence() != p || m.Settings().IdleThreshold != time.Minute {
			t.Errorf("the settings are %+v", m.Settings())
		}
		select {
		case <-done:
			t.Error("done while Run is active")
		default:
		}
		stop()
		<-done
		if _, err := hobby.New(s, nil, &hobby.Options{Presence: p, IdleThreshold: time.Hour}); !errors.Is(err, hobby.ErrInvalid) {
			t.Errorf("two thresholds: %v, want ErrInvalid", err)
		}
	})
}

func BenchmarkPresence(b *testing.B) {
	p := hobby.NewPresence(time.Hour)
	p.Changed()
	b.ReportAllocs()
	for b.Loop() {
		p.Touch()
	}
}
