package rlhf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/pastime-go/pastime/hobby"
)

// Format is a file format of other programs for what people think.
type Format string

// The formats. Each has a part of a [Dataset]. All but FormatArgilla are JSON Lines.
const (
	// FormatPreference has Pairs as TRL's trainers of preferences read them, in the
	// conversational format: {"prompt":[{"role","content"}],"chosen":[...],"rejected":[...]}.
	FormatPreference Format = "preference"
	// FormatKTO has Labels as TRL's KTOTrainer reads them (an unpaired preference), in the
	// conversational format: {"prompt":[...],"completion":[...],"label":true}.
	FormatKTO Format = "kto"
	// FormatAlpaca has Pairs: {"instruction","input","chosen","rejected"}, as
	// LLaMA-Factory reads preferences in the format of Alpaca.
	FormatAlpaca Format = "alpaca"
	// FormatArgilla has Records as Argilla 2 reads them (Dataset.records.from_json): a
	// JSON array, with the fields "question" and "text", and with answers to the questions
	// "rating" (1 to 5), "helpful" ("yes" or "no"), "comment" and "suggestion" (texts).
	FormatArgilla Format = "argilla"
)

// Formats are all of them.
func Formats() []Format { return []Format{FormatPreference, FormatKTO, FormatAlpaca, FormatArgilla} }

// The lines of the formats. Ids are columns of their own, which trainers ignore.
type (
	preferenceLine struct {
		Prompt     []hobby.Message `json:"prompt"`
		Chosen     []hobby.Message `json:"chosen"`
		Rejected   []hobby.Message `json:"rejected"`
		ChosenID   string          `json:"chosen_id"`
		RejectedID string          `json:"rejected_id"`
	}
	ktoLine struct {
		Prompt     []hobby.Message `json:"prompt"`
		Completion []hobby.Message `json:"completion"`
		Label      *bool           `json:"label"`
		ID         string          `json:"id"`
	}
	alpacaLine struct {
		Instruction string `json:"instruction"`
		Input       string `json:"input"`
		Chosen      string `json:"chosen"`
		Rejected    string `json:"rejected"`
		ChosenID    string `json:"chosen_id"`
		RejectedID  string `json:"rejected_id"`
	}
)

// turn is a prompt or an answer as a conversation of one message.
func turn(r hobby.Role, text string) []hobby.Message {
	return []hobby.Message{{Role: r, Content: text}}
}

// Export writes what a format has of a data set.
func Export(w io.Writer, d *Dataset, f Format) error {
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	var err error
	switch f {
	case FormatPreference:
		err = lines(e, d.Pairs, func(p *Pair) any {
			return preferenceLine{turn(hobby.RoleUser, p.Question), turn(hobby.RoleAssistant, p.Chosen),
				turn(hobby.RoleAssistant, p.Rejected), p.ChosenID, p.RejectedID}
		})
	case FormatAlpaca:
		err = lines(e, d.Pairs, func(p *Pair) any {
			return alpacaLine{p.Question, "", p.Chosen, p.Rejected, p.ChosenID, p.RejectedID}
		})
	case FormatKTO:
		err = lines(e, d.Labels, func(l *Label) any {
			return ktoLine{turn(hobby.RoleUser, l.Question), turn(hobby.RoleAssistant, l.Text), &l.Good, l.ID}
		})
	case FormatArgilla:
		all := make([]argillaRecord, len(d.Records))
		for i := range d.Records {
			all[i] = argillaOf(&d.Records[i])
		}
		err = e.Encode(all)
	default:
		return fmt.Errorf("rlhf: %w: there is no format %.32q", hobby.ErrInvalid, f)
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return fmt.Errorf("rlhf: exporting as %s: %w", f, err)
	}
	return nil
}

func lines[T any](e *json.Encoder, all []T, line func(*T) any) error {
	for i := range all {
		if err := e.Encode(line(&all[i])); err != nil {
			return err
		}
	}
	return nil
}

// The bounds of what Import reads: the bytes of a file and of a record, and the number of
// records. A record takes less than a kilobyte beside its texts.
const (
	maxImport  = 256 << 20
	maxRecord  = 8 << 20
	maxRecords = 200_000
)

// importing bounds a file, and each record of it.
type importing struct {
	r            io.Reader
	read, record int64 // the bytes until now, and where the last record began
}

// Read implements io.Reader.
func (i *importing) Read(p []byte) (n int, err error) {
	switch {
	case i.read >= maxImport:
		return 0, fmt.Errorf("the file has more than %d MiB", maxImport>>20)
	case i.read-i.record >= maxRecord:
		return 0, fmt.Errorf("it has more than %d MiB", maxRecord>>20)
	}
	n, err = i.r.Read(p[:min(int64(len(p)), maxImport-i.read, maxRecord-(i.read-i.record))])
	i.read += int64(n)
	return n, err
}

// Import reads what Export writes, and other files of these formats whose prompts and
// answers are one message each. It reads all of a file or nothing: errors are
// hobby.ErrInvalid, and name the record. A file has at most 256 MiB and 200,000 records of 8
// MiB each, so what is read takes less than a gigabyte of memory.
func Import(r io.Reader, f Format) (d Dataset, err error) {
	file := &importing{r: r}
	dec := json.NewDecoder(file)
	switch f {
	case FormatPreference:
		d.Pairs, err = records(file, dec, func(l *preferenceLine) (p Pair, err error) {
			p.ChosenID, p.RejectedID = l.ChosenID, l.RejectedID
			return p, errors.Join(one(&p.Question, "prompt", l.Prompt, hobby.RoleUser),
				one(&p.Chosen, "chosen", l.Chosen, hobby.RoleAssistant), one(&p.Rejected, "rejected", l.Rejected, hobby.RoleAssistant))
		})
	case FormatAlpaca:
		d.Pairs, err = records(file, dec, func(l *alpacaLine) (Pair, error) {
			question := l.Instruction
			if l.Input != "" {
				question += "\n" + l.Input
			}
			if question == "" || l.Chosen == "" || l.Rejected == "" {
				return Pair{}, errors.New("instruction, chosen or rejected is missing")
			}
			return Pair{question, l.Chosen, l.Rejected, l.ChosenID, l.RejectedID}, nil
		})
	case FormatKTO:
		d.Labels, err = records(file, dec, func(l *ktoLine) (Label, error) {
			if l.Label == nil {
				return Label{}, errors.New("label is missing")
			}
			to := Label{Good: *l.Label, ID: l.ID}
			return to, errors.Join(one(&to.Question, "prompt", l.Prompt, hobby.RoleUser),
				one(&to.Text, "completion", l.Completion, hobby.RoleAssistant))
		})
	case FormatArgilla:
		if err = delimiter(dec, '['); err == nil {
			d.Records, err = records(file, dec, (*argillaRecord).record)
		}
		if err == nil {
			err = delimiter(dec, ']')
		}
	default:
		return d, fmt.Errorf("rlhf: %w: there is no format %.32q", hobby.ErrInvalid, f)
	}
	if err == nil {
		err = end(dec)
	}
	if err != nil {
		return Dataset{}, fmt.Errorf("rlhf: %w: importing %s: %w", hobby.ErrInvalid, f, err)
	}
	return d, nil
}

// records reads values until the end of the file, or of an array that has begun.
func records[L, T any](file *importing, dec *json.Decoder, to func(*L) (T, error)) (all []T, err error) {
	for dec.More() {
		var l L
		var v T
		if len(all) == maxRecords {
			return nil, fmt.Errorf("there are more than %d records", maxRecords)
		}
		file.record = file.read // what the decoder holds of it is less than it has read
		if err = dec.Decode(&l); err == nil {
			v, err = to(&l)
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", len(all)+1, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// end reports what follows the last record, or why the file could not be read to its end.
func end(dec *json.Decoder) error {
	switch t, err := dec.Token(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return fmt.Errorf("after the last record: %w", err)
	default:
		return fmt.Errorf("%.64v follows the last record", t)
	}
}

// delimiter reads the beginning or the end of an array.
func delimiter(dec *json.Decoder, want json.Delim) error {
	switch t, err := dec.Token(); {
	case err != nil:
		return err
	case t != want:
		return fmt.Errorf("%v is in the place of %v", t, want)
	}
	return nil
}

// one takes the text of a conversation of one message.
func one(to *string, field string, c []hobby.Message, r hobby.Role) error {
	if len(c) != 1 || c[0].Role != r || c[0].Content == "" || len(c[0].ToolCalls) > 0 {
		return fmt.Errorf("%s must be one message of the %s", field, r)
	}
	*to = c[0].Content
	return nil
}

// argillaRecord is a record of Argilla 2 as its Record.to_dict writes it.
type argillaRecord struct {
	ID     string `json:"id"`
	Fields struct {
		Question string `json:"question"`
		Text     string `json:"text"`
	} `json:"fields"`
	Metadata struct {
		Kind      hobby.Kind `json:"kind"`
		Untrusted string     `json:"untrusted"` // Argilla has no flags
	} `json:"metadata"`
	Suggestions struct{}                     `json:"suggestions"`
	Responses   map[string][]argillaResponse `json:"responses"`
	Vectors     struct{}                     `json:"vectors"`
	Status      string                       `json:"status"`
}

type argillaResponse struct {
	Value any       `json:"value"`
	By    uuid.UUID `json:"user_id"`
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func argillaOf(r *Record) (a argillaRecord) {
	a.ID, a.Status = string(r.Target.Type)+":"+r.Target.ID, "completed"
	a.Fields.Question, a.Fields.Text = r.Question, r.Text
	a.Metadata.Kind, a.Metadata.Untrusted = r.Kind, yes(r.Untrusted)
	a.Responses = map[string][]argillaResponse{}
	for i := range r.Opinions {
		o := &r.Opinions[i]
		say := func(question string, value any, is bool) {
			if is {
				a.Responses[question] = append(a.Responses[question], argillaResponse{value, o.By})
			}
		}
		say("rating", o.Rating, o.Rating != 0)
		say("helpful", yes(o.Helpful != nil && *o.Helpful), o.Helpful != nil)
		say("comment", o.Comment, o.Comment != "")
		say("suggestion", o.Suggestion, o.Suggestion != "")
	}
	return a
}

// record is a as a Record.
func (a *argillaRecord) record() (Record, error) {
	kind, id, ok := strings.Cut(a.ID, ":")
	r := Record{Target: Ref{TargetType(kind), id}, Kind: a.Metadata.Kind, Question: a.Fields.Question, Text: a.Fields.Text,
		Untrusted: a.Metadata.Untrusted != yes(false)}
	if !ok || !r.Target.Type.Valid() {
		return r, fmt.Errorf("the id %.64q names no target, such as insight:1", a.ID)
	}
	at := map[uuid.UUID]int{}
	for _, question := range []string{"rating", "helpful", "comment", "suggestion"} {
		for _, said := range a.Responses[question] {
			k, ok := at[said.By]
			if !ok {
				k = len(r.Opinions)
				at[said.By] = k
				r.Opinions = append(r.Opinions, Opinion{By: said.By})
			}
			if err := r.Opinions[k].take(question, said.Value); err != nil {
				return r, fmt.Errorf("responses.%s: %w", question, err)
			}
		}
	}
	slices.SortFunc(r.Opinions, func(a, b Opinion) int { return bytes.Compare(a.By[:], b.By[:]) })
	return r, nil
}

// take sets what an answer to a question says.
func (o *Opinion) take(question string, value any) error {
	text, _ := value.(string)
	stars, isNumber := value.(float64)
	switch {
	case question == "rating" && isNumber && stars >= MinRating && stars <= MaxRating && stars == float64(int(stars)):
		o.Rating = int(stars)
	case question == "helpful" && (text == yes(true) || text == yes(false)):
		is := text == yes(true)
		o.Helpful = &is
	case question == "comment" && text != "":
		o.Comment = text
	case question == "suggestion" && text != "":
		o.Suggestion = text
	default:
		return fmt.Errorf("%.64v is no answer", value)
	}
	return nil
}
