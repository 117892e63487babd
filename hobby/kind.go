package hobby

import (
	"fmt"
	"strings"
)

// Kind names a hobby: lower-case letters, digits and underscores, starting
// with a letter, at most 64 bytes. It is what metric labels and chart keys
// show; [Kind.Upper] is what JSON bodies show.
type Kind string

// The eight kinds of the original system. A host makes a kind of its own by
// converting a string, which [ParseKind] checks.
const (
	SkillPractice          Kind = "skill_practice"
	KnowledgeExploration   Kind = "knowledge_exploration"
	PatternRecognition     Kind = "pattern_recognition"
	BenchmarkRunning       Kind = "benchmark_running"
	ToolMastery            Kind = "tool_mastery"
	CodeAnalysis           Kind = "code_analysis"
	ResearchIntegration    Kind = "research_integration"
	CreativeProblemSolving Kind = "creative_problem_solving"
)

// Kinds lists the eight well-known kinds with a one-line description each, in
// their traditional order. The slice is the caller's own.
func Kinds() []KindInfo {
	return []KindInfo{
		{SkillPractice, "Practise skills on generated tasks whose answers are checked exactly"},
		{KnowledgeExploration, "Explore and expand what the knowledge graph knows"},
		{PatternRecognition, "Find patterns in past activity and check what they predict"},
		{BenchmarkRunning, "Measure the model each day on fresh tasks of all other hobbies"},
		{ToolMastery, "Practise calling tools and combining them"},
		{CodeAnalysis, "Analyse a code base and answer questions about it"},
		{ResearchIntegration, "Read research and integrate what it says"},
		{CreativeProblemSolving, "Practise problems that have many right answers"},
	}
}

// KindInfo describes a kind to a person.
type KindInfo struct {
	Kind        Kind
	Description string
}

// Upper returns the name used in JSON bodies: SKILL_PRACTICE.
func (k Kind) Upper() string { return strings.ToUpper(string(k)) }

// Title returns the name for people: "Skill practice".
func (k Kind) Title() string {
	s := strings.ReplaceAll(string(k), "_", " ")
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ParseKind reads a kind in any letter case; ErrInvalid says what was wrong
// with it. It does not check that anybody practises the kind.
func ParseKind(s string) (Kind, error) {
	if s == "" || len(s) > 64 {
		return "", fmt.Errorf("%w: a kind must have 1 to 64 characters, got %d", ErrInvalid, len(s))
	}
	lower := strings.ToLower(s)
	for i, c := range []byte(lower) {
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || '9' < c)) {
			return "", fmt.Errorf("%w: kind %q: character %d must be a letter, a digit or an underscore, and the first a letter", ErrInvalid, s, i+1)
		}
	}
	return Kind(lower), nil
}
