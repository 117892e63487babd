package lora

import (
	"context"
	"fmt"

	"github.com/pastime-go/pastime/hobby"
)

var _ hobby.Observable = (*Pipeline)(nil)

// The families of numbers that a pipeline exports.
const (
	servingNow   = "pastime_adapter_serving"
	runningNow   = "pastime_training_running"
	progressNow  = "pastime_training_progress_ratio"
	lossNow      = "pastime_training_loss_nats"
	speedNow     = "pastime_training_tokens_per_second"
	endedAt      = "pastime_training_ended_timestamp_seconds"
	outcomeNow   = "pastime_training_outcome"
	examplesNow  = "pastime_training_examples"
	pairsNow     = "pastime_trial_pairs"
	differNow    = "pastime_trial_difference_ratio"
	differLowNow = "pastime_trial_difference_low_ratio"
	differHigh   = "pastime_trial_difference_high_ratio"
	evidenceNow  = "pastime_trial_evidence_nats"
)

// Metrics implements hobby.Observable.
func (p *Pipeline) Metrics() []hobby.Metric {
	kind, trial := []string{"type"}, []string{"type", "trial"}
	return []hobby.Metric{
		{Name: servingNow, Help: "Whether an adapter serves the type, and not the base.", Labels: kind},
		{Name: runningNow, Help: "1 with the stage of the training that runs, or \"waiting\" for the next night.",
			Labels: []string{"type", "stage"}},
		{Name: progressNow, Help: "Share of its steps that the training in this process has made; absent when none runs.", Labels: kind},
		{Name: lossNow, Help: "Loss of its last step, for each token.", Labels: kind},
		{Name: speedNow, Help: "Tokens that it reads per second.", Labels: kind},
		{Name: endedAt, Help: "When the newest training ended, in Unix time.", Labels: kind},
		{Name: outcomeNow, Help: "1 with what came of the newest training: promoted, its verdict, or why there was no trial.",
			Labels: []string{"type", "outcome"}},
		{Name: examplesNow, Help: "Examples that the newest training has learned from, of all its rounds.", Labels: kind},
		{Name: pairsNow, Help: "Held-out tasks that both have answered in the newest trial, or watch over what serves.", Labels: trial},
		{Name: differNow, Help: "Share of right answers of the adapter less that of what it is compared with.", Labels: trial},
		{Name: differLowNow, Help: "Lower end of the 95 % interval of that difference.", Labels: trial},
		{Name: differHigh, Help: "Upper end of the 95 % interval of that difference.", Labels: trial},
		{Name: evidenceNow, Help: "Natural logarithm of the e-value: that the adapter is better in a trial, or worse in a watch.", Labels: trial},
	}
}

// Observe implements hobby.Observable. It reads the last 30 runs.
func (p *Pipeline) Observe(ctx context.Context, emit hobby.Emit) error {
	page, err := p.store.Jobs(ctx, hobby.JobFilter{Line: Line, Limit: 30})
	if err != nil {
		return fmt.Errorf("lora: reading the runs: %w", err)
	}
	ended := map[hobby.Kind]bool{}
	for _, j := range page.Jobs {
		r, err := p.runOf(j)
		if err != nil {
			return err
		}
		kind := string(r.Request.Kind)
		switch {
		case !j.Status.Ended():
			stage := j.Stage
			if r.Waits() {
				stage = "waiting"
			}
			emit(runningNow, 1, kind, stage)
			if s := r.Progress.Step; s != nil {
				emit(progressNow, float64(s.Step)/float64(max(1, s.Total)), kind)
				emit(lossNow, s.Loss, kind)
				emit(speedNow, s.TokensPerSecond, kind)
			}
		case !ended[r.Request.Kind]:
			ended[r.Request.Kind] = true
			emit(endedAt, float64(j.Ended.UnixMilli())/1000, kind)
			emit(outcomeNow, 1, kind, r.outcome())
			n := 0
			for _, round := range r.State.Rounds {
				n += round.Funnel.Train
			}
			emit(examplesNow, float64(n), kind)
		}
	}
	for _, k := range p.Kinds(ctx) {
		serving := 0.0
		if p.Champion(k) != "" {
			serving = 1
		}
		emit(servingNow, serving, string(k))
		for name, watch := range map[string]bool{"trial": false, "watch": true} {
			page, err := p.store.Trials(ctx, TrialFilter{Kind: k, Watch: &watch, Limit: 1})
			if err != nil {
				return fmt.Errorf("lora: reading the newest trial: %w", err)
			}
			for _, t := range page.Trials {
				emit(pairsNow, float64(t.Pairs), string(k), name)
				emit(evidenceNow, t.LogE, string(k), name)
				if d := t.Difference; d != nil {
					emit(differNow, d.Mean, string(k), name)
					emit(differLowNow, d.Low, string(k), name)
					emit(differHigh, d.High, string(k), name)
				}
			}
		}
	}
	return nil
}

// Waits reports whether the run is one of the schedule that waits for the next night, as
// far as this process knows.
func (r *Run) Waits() bool {
	return r.Request.Scheduled && !r.Job.Status.Ended() && !r.Job.Started.IsZero() && r.Progress.Job == ""
}

// outcome is what came of a run that has ended, in a word.
func (r *Run) outcome() string {
	s := &r.State
	switch {
	case r.Job.Status != hobby.JobCompleted:
		return string(r.Job.Status)
	case s.Deployed:
		return "promoted"
	case s.Verdict == Promote:
		return "not_deployed"
	case s.Verdict != "":
		return string(s.Verdict)
	}
	return s.Reason
}
