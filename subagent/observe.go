package subagent

import (
	"context"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.Observable = (*Coordinator)(nil)

// The families of numbers that a coordinator exports.
const (
	agentsNow      = "pastime_subagents"
	agentPlaces    = "pastime_subagent_places"
	agentActive    = "pastime_subagent_assignments"
	openNow        = "pastime_assignments"
	endedTotal     = "pastime_assignments_ended_total"
	retriesTotal   = "pastime_assignment_retries_total"
	fallbacksTotal = "pastime_assignment_fallbacks_total"
	refusedTotal   = "pastime_assignment_refused_answers_total"
	lateTotal      = "pastime_assignment_late_reports_total"
	runsTotal      = "pastime_assignment_runs_total"
	queueTotal     = "pastime_assignment_queue_seconds_total"
	runTotal       = "pastime_assignment_run_seconds_total"
)

// mostShown bounds the agents that have numbers of their own.
const mostShown = 100

// Metrics implements hobby.Observable.
func (c *Coordinator) Metrics() []hobby.Metric {
	agent := []string{"agent"}
	return []hobby.Metric{
		{Name: agentsNow, Help: "Registered sub-agents, by whether they can be given work.", Labels: []string{"state"}},
		{Name: agentPlaces, Help: "Assignments that a sub-agent takes at a time; of the first hundred by id.", Labels: agent},
		{Name: agentActive, Help: "Assignments that a sub-agent has now; of the first hundred by id.", Labels: agent},
		{Name: openNow, Help: "Assignments that have not ended, by whether somebody has them.", Labels: []string{"state"}},
		{Name: endedTotal, Help: "Assignments that have ended, by outcome.", Counter: true, Labels: []string{"outcome"}},
		{Name: retriesTotal, Help: "Attempts that were lost and made again, since the start of the process.", Counter: true},
		{Name: fallbacksTotal, Help: "Assignments that ran here because no sub-agent could, since the start of the process.", Counter: true},
		{Name: refusedTotal, Help: "Answers of sub-agents that were not accepted, since the start of the process.", Counter: true},
		{Name: lateTotal, Help: "Reports of sub-agents that came too late to matter, since the start of the process.", Counter: true},
		{Name: runsTotal, Help: "Assignments that ran and ended, since the start of the process.", Counter: true},
		{Name: queueTotal, Help: "Time that these waited until they ran.", Counter: true},
		{Name: runTotal, Help: "Time from there to their end.", Counter: true},
	}
}

// Observe implements hobby.Observable.
func (c *Coordinator) Observe(_ context.Context, emit hobby.Emit) error {
	s := c.Stats()
	available := 0
	for i, a := range s.Agents {
		if a.Connected && a.Resting.IsZero() {
			available++
		}
		if i < mostShown {
			emit(agentPlaces, float64(a.MaxConcurrent), a.ID)
			emit(agentActive, float64(a.Active), a.ID)
		}
	}
	emit(agentsNow, float64(available), "available")
	emit(agentsNow, float64(s.Registered-available), "unavailable")
	emit(openNow, float64(s.Active-s.Waiting), "assigned")
	emit(openNow, float64(s.Waiting), "waiting")
	emit(endedTotal, float64(s.Completed), string(Completed))
	emit(endedTotal, float64(s.Failed), string(Failed))
	emit(retriesTotal, float64(s.Retries))
	emit(fallbacksTotal, float64(s.Fallbacks))
	emit(refusedTotal, float64(s.Refused))
	emit(lateTotal, float64(s.Late))
	emit(runsTotal, float64(s.Run.Count()))
	emit(queueTotal, s.Queue.Sum.Seconds())
	emit(runTotal, s.Run.Sum.Seconds())
	return nil
}
