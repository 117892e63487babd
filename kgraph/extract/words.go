package extract

import (
	"strings"
	"unicode"
)

// The words of English that are not names of things, as far as the patterns need them.
var (
	articles = set(`the a an`)
	// pointing words refer to what was said before, or to no thing in particular.
	pointing = set(`this that these those it its they them their theirs he him his she her hers we us our ours you
		your yours i me my mine who whom whose which what why how whatever whichever there here one ones none
		nothing something anything everything someone anyone everyone nobody each every any no some all both either
		neither other others another such same own many much few fewer several most more less least enough half two
		three four five six seven eight nine ten dozens hundreds thousands millions itself themselves following
		above below latter former everybody anybody somebody`)
	prepositions = set(`of in on at by for with from to into onto over under through via between within across against
		about around behind beyond during per upon towards toward along alongside inside outside among as beside
		besides off near like unlike than since throughout`)
	conjunctions = set(`and or but nor so yet plus`)
	// conditions limit where, when or whether what is said holds.
	conditions = set(`if when whenever unless until till once while where wherever except only whether before after
		although though because otherwise provided assuming except instead rather else despite depending`)
	// doubts are words with which a sentence does not say that something is so.
	doubts = set(`not never cannot nor neither hardly rarely seldom scarcely barely almost nearly perhaps maybe
		possibly probably likely usually often sometimes typically generally normally mostly commonly frequently
		occasionally largely mainly supposedly allegedly can could may might must shall should will would ought need
		needs longer without`)
	modals  = set(`can could may might must shall should will would ought cannot do does did`)
	be      = set(`is are was were`)
	helpers = set(`be been being am has have had having do does did done let lets`)
	adverbs = set(`also then now still already again always thus hence therefore however moreover furthermore
		additionally finally first firstly secondly instead too very quite just even ever much soon together well
		back out up down away forth internally so further later today currently both far rather indeed meanwhile
		nevertheless nonetheless consequently alone twice anyway yes please etc. e.g. i.e. vs. cf. let's let’s`)
	// opening words may stand before a clause with a comma and change nothing of it.
	opening = set(`also however moreover furthermore additionally finally therefore thus hence consequently
		internally indeed nevertheless nonetheless`)
	nounOnIng = set(`string thing king ring spring setting`)
	// general words before a class say nothing of it: "other", "various".
	general  = set(`other various many several some common popular certain different typical`)
	nounOnLy = set(`family assembly reply supply anomaly monopoly butterfly fly poly`)
	// adjectives are those that often end a phrase of no noun.
	adjectives = set(`available possible new old ready empty full large small fast slow free open simple easy hard
		different similar equal compatible responsible safe unsafe equivalent identical independent suitable useful
		common popular important good bad better best worse worst big long short high low higher lower larger
		smaller faster slower early late true false public private local global current final main major minor
		single multiple optional required default special specific general internal external various certain real
		own previous next last first second third likely able unable aware due up-to-date deprecated correct wrong
		right left valid invalid unique red green blue black white modern native robust powerful efficient
		lightweight flexible complete incomplete complex normal strict active inactive sensitive insensitive visible
		alive intact present absent unchanged unaffected warm cold idle busy`)
	// linking adjectives make a relation together with a preposition.
	linking = set(`compatible responsible similar equivalent identical independent related equal part available
		suitable aware safe`)
	// vague nouns name nothing without what stands around them.
	vague = set(`thing things way ways case cases lot lots number numbers amount kind kinds sort sorts type types form
		forms example examples reason reasons rest time times bit need ability sense care place point advantage use
		purpose goal idea benefit difference matter couple variety majority part parts piece pieces bunch order fact
		step steps choice means manner terms term section chapter figure page document guide readme issue issues
		note instance instances something approach option options item items feature features factor factors aspect
		aspects details detail`)
	// likened nouns make a relation with "is a" and the preposition behind them.
	likened = map[string]map[string]bool{
		"wrapper": set(`around for over`), "port": set(`of`), "fork": set(`of`), "implementation": set(`of`), "replacement": set(`for`),
		"alternative": set(`to`), "extension": set(`of to for`), "subset": set(`of`), "superset": set(`of`), "variant": set(`of`),
		"member": set(`of`), "part": set(`of`), "client": set(`for`), "successor": set(`of to`), "subclass": set(`of`), "synonym": set(`of
		for`),
		"alias": set(`of for`), "copy": set(`of`), "property": set(`of`), "generalization": set(`of`), "instance": set(`of`),
		"driver": set(`for`), "library": set(`for`), "plugin": set(`for`), "parser": set(`for`), "tool": set(`for`), "framework": set(`for`),
	}
	// light nouns say little without the preposition that they are used with: "offers
	// support for".
	light = map[string]map[string]bool{
		"support": set(`for`), "access": set(`to`), "compatibility": set(`with`), "integration": set(`with`), "protection": set(`against
		from`),
		"control": set(`over of`), "information": set(`about on`), "dependency": set(`on`), "limit": set(`on`), "effect": set(`on`),
		"impact": set(`on`), "reference": set(`to`), "pointer": set(`to`), "link": set(`to`), "interface": set(`to for`), "part": set(`of`),
		"preference": set(`for`), "method": set(`for`), "helper": set(`for`), "responsibility": set(`for`),
	}
	// causing verbs have an object that does what follows: "requires servers to ignore".
	causing = set(`requires allows enables permits forces causes expects lets helps instructs asks tells needs wants
		prefers takes makes directs`)
	// tending verbs are followed by "to" with another verb.
	tending = set(`tries seeks attempts wants fails needs helps aims starts stops continues begins tends comes`)
	// meant participles are followed by "to" with another verb.
	meant = set(`used required designed needed allowed intended expected supposed meant made built able`)
	// claiming verbs begin a sentence that says that something be so.
	claiming = set(`ensure verify note check confirm assume make see avoid prevent let fix add remove support allow
		handle`)
	// referring nouns with "the" alone are of a text that one must know, or of what was named
	// before: "the paper introduces a loss".
	referring = set(`paper article author authors study studies work report book chapter section thesis survey
		researcher researchers experiment experiments method approach technique model`)
	// kindsOf are nouns after which "of" says what the thing is.
	kindsOf       = set(`kind sort type form variety flavor flavour`)
	abbreviations = set(`e.g. i.e. etc. vs. cf. fig. no. al. approx. resp. incl. mr. mrs. dr. st. inc. ltd. jr.`)
	singularOnS   = set(`bus status analysis basis axis class process access address focus virus bonus campus corpus
		census nexus thesis synthesis hypothesis always series news lens atlas alias canvas bias gas plus apus
		previous serverless os dns https tls css aws js ios kubernetes redis postgres kerberos has is was does
		progress success business mass pass loss`)
	pluralNot = set(`people children men women indices matrices vertices criteria phenomena data media schemata`)
)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(words) {
		all[w] = true
	}
	return all
}

// closed reports whether a word, in lower case, cannot be part of a noun phrase.
func closed(w string) bool {
	return articles[w] || pointing[w] || prepositions[w] || conjunctions[w] || conditions[w] || modals[w] || be[w] || helpers[w] ||
		doubts[w] || adverbs[w] && w != "first" && w != "second" || adverb(w) || strings.HasSuffix(w, "n't") || strings.HasSuffix(w, "n’t")
}

func adverb(w string) bool { return len(w) > 4 && strings.HasSuffix(w, "ly") && !nounOnLy[w] }

// adjective reports whether a word does not name a thing alone.
func adjective(w string) bool {
	for _, end := range []string{"able", "ible", "ful", "less", "ous", "ical", "wise", "most", "ward"} {
		if len(w) > len(end)+2 && strings.HasSuffix(w, end) && w != "table" && w != "variable" && w != "executable" && w != "cable" {
			return true
		}
	}
	return adjectives[w]
}

// number says whether a noun may stand for one thing, and for several.
func number(t *token) (one, several bool) {
	w := t.lower
	switch {
	case t.code:
		return true, false
	case w == "data" || w == "media":
		return true, true
	case pluralNot[w]:
		return false, true
	case singularOnS[w]:
		return true, false
	case len(w) > 2 && w[len(w)-1] == 's' && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		return t.name() && !strings.HasSuffix(t.text, "Is") && !shouted(t.text[:len(t.text)-1]), true
	}
	return true, false
}

// shouted reports whether a word is in capitals.
func shouted(w string) bool { return len(w) > 1 && w == strings.ToUpper(w) && w != strings.ToLower(w) }

// verbForms are what a form of a verb may be.
type verbForms struct {
	plain, third, past, participle, ing bool
	is                                  string // the third person singular
}

// verbs are the forms of the verbs that make relations. It is what ReVerb has its lexical
// constraint for: a relation phrase must be one that is used for many things.
var verbs = conjugate(`accept access achieve acquire activate adapt add address adjust adopt affect aggregate allocate
		allow analyze append apply approve archive arrange ask assert assign assume attach attempt avoid base batch
		begin belong bind block bound branch bring browse buffer build bundle bypass cache calculate call cancel
		capture carry cause change check choose cite classify clean clear clone close cluster collect combine come
		commit communicate compare compile complete compose compress compute concatenate conclude configure confirm
		connect consider consist constrain construct consume contain continue contribute control convert coordinate
		copy correspond cost count cover create customize decide declare decode decompress decrease decrypt dedicate
		default defer define delay delegate delete deliver demonstrate denote depend deploy deprecate derive
		describe deserialize design detach detect determine develop differ direct disable discard discover dispatch
		display distribute divide document download drive drop duplicate eliminate embed emit employ emulate enable
		encapsulate encode encounter encrypt end enforce enhance ensure enter escape establish estimate evaluate
		examine exceed exclude execute exist exit expand expect expire explain export expose express extend extract
		fail fall fetch fill filter find finish fit fix flush focus follow force fork form format forward found free
		gather generate get give govern group grow guarantee guard guide handle happen hash help hide hold host
		identify ignore implement import improve include increase incorporate indicate infer inherit initialize
		inject insert inspect install instantiate instruct instrument integrate intercept interpret introduce invent
		invoke involve issue iterate join keep kill label lack launch lead learn leave let leverage license lie
		limit link list listen live load locate lock log look lose maintain make manage map mark mask match mean
		measure merge migrate mimic minimize mirror mix model modify monitor mount move name need negotiate nest
		normalize notify obey observe obtain occupy occur offer omit open operate optimize order organize originate
		output override own pack package parse partition pass patch perform permit persist place point poll populate
		post power precede predict prefer prepare present preserve prevent print process produce prohibit promise
		promote propagate propose protect prove provide publish pull push put query queue quote raise range reach
		read receive recognize recommend record recover reduce refer reflect refuse register reject relate relax
		release rely remain remove rename render repeat replace replicate report represent reproduce request require
		reserve reset reside resize resolve respect respond restore restrict result resume retain retrieve return
		reuse reveal reverse rewrite roll rotate round route run sample satisfy save say scale scan schedule scope
		search seek select send separate serialize serve set share shift ship show shrink shut sign signal simplify
		simulate skip solve sort span spawn speak specify split spread stand start state stay stem stop store stream
		strip submit subscribe substitute suffer suggest supersede supply support suppress surround survive suspend
		swap switch synchronize tag take target teach tell terminate test throw tie time trace track train transfer
		transform translate transmit transport traverse treat trigger trim trust try turn type understand undergo
		uniquify unlock unmarshal unpack update upgrade upload use utilize validate value vary verify version view
		violate visit wait walk want warn watch work wrap write yield`)

// irregular are the past and the participle of verbs, where they are not in -ed.
var irregular = strings.Fields(`begin:began:begun bind:bound:bound bring:brought:brought build:built:built
		choose:chose:chosen come:came:come cost:cost:cost drive:drove:driven fall:fell:fallen find:found:found
		get:got:got give:gave:given grow:grew:grown hide:hid:hidden hold:held:held keep:kept:kept lead:led:led
		leave:left:left let:let:let lie:lay:lain lose:lost:lost make:made:made mean:meant:meant
		override:overrode:overridden put:put:put read:read:read rewrite:rewrote:rewritten run:ran:run say:said:said
		seek:sought:sought send:sent:sent set:set:set show:showed:shown shrink:shrank:shrunk shut:shut:shut
		speak:spoke:spoken split:split:split spread:spread:spread stand:stood:stood take:took:taken
		teach:taught:taught tell:told:told throw:threw:thrown understand:understood:understood
		undergo:underwent:undergone write:wrote:written reset:reset:reset`)

// doubled are the verbs that double their last letter before -ed and -ing.
var doubled = set(`begin commit control defer drop embed emit fit forget format get infer let log map omit permit plan
		prefer propel put refer reset run scan set ship shut skip span split stem stop strip submit swap tag
		transfer trim unwrap wrap cancel label model signal`)

func conjugate(plain string) map[string]*verbForms {
	all := map[string]*verbForms{}
	form := func(w, is string) *verbForms {
		if all[w] == nil {
			all[w] = &verbForms{is: is}
		}
		return all[w]
	}
	own := map[string][]string{}
	for _, line := range irregular {
		parts := strings.Split(line, ":")
		own[parts[0]] = parts[1:]
	}
	for _, w := range strings.Fields(plain) {
		is := third(w)
		form(w, is).plain = true
		form(is, is).third = true
		stem := w
		switch {
		case doubled[w]:
			stem += w[len(w)-1:]
		case strings.HasSuffix(w, "e") && !strings.HasSuffix(w, "ee"):
			stem = w[:len(w)-1]
		}
		form(stem+"ing", is).ing = true
		if parts := own[w]; parts != nil {
			form(parts[0], is).past = true
			form(parts[1], is).participle = true
			continue
		}
		if last := len(w) - 1; w[last] == 'y' && !vowel(w[last-1]) {
			stem = w[:last] + "i"
		}
		f := form(stem+"ed", is)
		f.past, f.participle = true, true
	}
	return all
}

// third is the third person singular of a verb.
func third(w string) string {
	last := len(w) - 1
	switch {
	case w[last] == 'y' && !vowel(w[last-1]):
		return w[:last] + "ies"
	case w[last] == 's' || w[last] == 'x' || w[last] == 'z' || strings.HasSuffix(w, "ch") || strings.HasSuffix(w, "sh") || w == "undergo":
		return w + "es"
	}
	return w + "s"
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

var noForms verbForms

// verb are the forms of a verb that a word may be.
func verb(w string) *verbForms {
	if f := verbs[w]; f != nil {
		return f
	}
	return &noForms
}

func participle(t *token) bool {
	w := t.lower
	return !t.code && (verb(w).participle || len(w) > 4 && strings.HasSuffix(w, "ed") && w != "speed")
}

func gerund(t *token) bool {
	return !t.code && !t.name() && len(t.lower) > 4 && strings.HasSuffix(t.lower, "ing") && !nounOnIng[t.lower]
}

func capital(text string) bool {
	for _, r := range text {
		return unicode.IsUpper(r)
	}
	return false
}
