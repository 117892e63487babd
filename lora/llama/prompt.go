package llama

import (
	"encoding/binary"
	"slices"

	"github.com/pastime-go/pastime/lora/llama/internal/nn"
)

// prompt is shared by answers to the same prompt by the same adapter. It is read
// once, also for answers that come a little later.
type prompt struct {
	key     string
	tokens  []int
	adapter *adapter
	pages   int // that it takes

	seq    *nn.Sequence
	read   int       // tokens so far
	logits []float32 // after the last token
	users  int
	broken bool
}

func (p *prompt) ready() bool { return p.read == len(p.tokens) }

// promptOf finds the prompt that an answer may share, or makes it.
func (s *scheduler) promptOf(a *answer) *prompt {
	key := binary.AppendUvarint(nil, a.adapter.number())
	for _, t := range a.prompt {
		key = binary.AppendUvarint(key, uint64(t))
	}
	p := s.prompts[string(key)]
	if p == nil {
		p = &prompt{key: string(key), tokens: a.prompt, adapter: a.adapter, pages: nn.Pages(len(a.prompt), 0)}
		s.prompts[p.key] = p
	}
	return p
}

// head finds the prompt, by the same adapter, whose first pages p can use most of: those
// that p begins with, too, and that have been read, or will be by this step or later ones,
// when it is planned. Of several prompts it is the one that has read most.
func (s *scheduler) head(p *prompt, planned map[*prompt]bool) (from *prompt, pages int) {
	for _, q := range s.prompts {
		if q == p || q.adapter != p.adapter || q.seq == nil || q.broken {
			continue
		}
		n := common(p.tokens[:len(p.tokens)-1], q.tokens) // p reads at least its last token
		if !planned[q] {
			n = min(n, q.read)
		}
		n /= nn.PageTokens
		if n > pages || n > 0 && n == pages && q.read > from.read {
			from, pages = q, n
		}
	}
	return from, pages
}

// share gives p the head of another prompt, when p has read nothing. It reports false
// when the other is about to read it. Prompts of one family begin alike.
func (s *scheduler) share(p *prompt, planned map[*prompt]bool) bool {
	if p.read > 0 || len(p.tokens) <= nn.PageTokens {
		return true
	}
	from, pages := s.head(p, planned)
	if pages == 0 {
		return true
	}
	if from.read < pages*nn.PageTokens {
		return false
	}
	p.seq.Free()
	p.seq, p.read = from.seq.Head(pages), pages*nn.PageTokens
	return true
}

// use counts one more answer to a prompt.
func (s *scheduler) use(p *prompt) {
	if p.users++; p.users == 1 {
		s.idle = slices.DeleteFunc(s.idle, func(q *prompt) bool { return q == p })
	}
}

// release counts one answer less. A prompt without answers is kept for a while if
// it has been read.
func (s *scheduler) release(p *prompt) {
	if p.users--; p.users > 0 {
		return
	}
	if p.broken || !p.ready() {
		s.forget(p)
		return
	}
	s.idle = append(s.idle, p)
	pages := 0
	for _, q := range s.idle {
		pages += q.pages
	}
	for len(s.idle) > maxIdle || pages > s.pages/4 {
		pages -= s.idle[0].pages
		s.forget(s.idle[0])
	}
}

// forget gives a prompt's pages back.
func (s *scheduler) forget(p *prompt) {
	s.idle = slices.DeleteFunc(s.idle, func(q *prompt) bool { return q == p })
	delete(s.prompts, p.key)
	if p.seq != nil {
		p.seq.Free()
		s.reserved -= p.pages
		p.seq = nil
	}
}
