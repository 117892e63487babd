package extract

// members finds what is a member of a class.
func (r *reader) members() {
	for i := range r.s {
		class, list := r.class(i)
		if class.head == nil {
			continue
		}
		if _, several := number(class.head); !several || class.to-class.from > 3 {
			continue
		}
		for _, p := range list {
			r.tell(Member, p.text, IsA, class.text)
		}
	}
}

// class is the name of a class that a token announces, with its members.
func (r *reader) class(i int) (class phrase, list []phrase) {
	s := r.s
	next := func(n int) string {
		if i+n < len(s) {
			return s[i+n].lower
		}
		return ""
	}
	switch s[i].lower {
	case "such":
		if next(1) == "as" {
			return r.before(i), r.listed(i + 2)
		}
		if class = nounPhrase(s, i+1); class.head != nil && class.to < len(s) && s[class.to].lower == "as" {
			return class.kept(s), r.listed(class.to + 1)
		}
	case "including":
		if i > 0 && s[i-1].text == "," {
			class = r.before(i)
			if at := class.from - 1; at > 0 && (r.s[at].lower == "of" || r.s[at].lower == "plus" || r.s[at-1].lower == "of") {
				return phrase{}, nil // the members may be of what is before "of"
			}
			return class, r.listed(i + 1)
		}
	case "and", "or":
		if next(1) == "other" {
			at := i
			if at > 0 && s[at-1].text == "," {
				at--
			}
			class = nounPhrase(s, i+2)
			for to := class.from + 1; to <= class.to; to++ {
				if _, several := number(&s[to-1]); several {
					return class.upTo(s, to), seriesBefore(s, at)
				}
			}
		}
	}
	return phrase{}, nil
}

// before is the class before the words that announce its members.
func (r *reader) before(i int) phrase {
	if i > 0 && r.s[i-1].text == "," {
		i--
	}
	p := phraseBefore(r.s, i)
	at := p.from
	if p.article != "" {
		at--
	}
	if at > 0 && (r.s[at-1].lower == "and" || r.s[at-1].lower == "or") {
		return phrase{} // the members may be of what is before, too
	}
	return p.kept(r.s)
}

// listed are the members that are listed from a token on.
func (r *reader) listed(at int) []phrase {
	list, next, _ := series(r.s, at)
	if next < len(r.s) && r.s[next].lower == "of" {
		return list[:max(0, len(list)-1)]
	}
	return list
}
