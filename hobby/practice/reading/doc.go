// Package reading has two hobbies. Knowledge exploration, [New], reads a tree of
// documents, computes facts about them, and hands them over as insights with file
// and line. It asks the model questions whose right answers come from the
// analysis.
//
// Markdown is read as GitHub renders it, MDX as Markdown without its code, HTML as a
// browser without scripts shows it, reStructuredText as Sphinx has it, AsciiDoc as
// Asciidoctor has it, and plain text as paragraphs. The facts are of two sorts. Faults
// are links and anchors that lead nowhere, references without a definition, code that
// does not parse as the language that it is marked as, table rows with more cells than
// the table has columns, mistakes of writing, and marks that are shown as they stand.
// Those of one rule in a document are one insight. Knowledge is what an acronym stands
// for, how a document defines its terms, and which document cites or repeats which:
// facts for the graph, see [hobby.Insight.Fact].
//
// What is not sure is not told: of what the builder of a site finds itself, of addresses
// that it may give to pages, of folders that it may make, of anchors that a script, a
// template, a component or another file may make, and of what many documents lead to.
// Nobody can list all that builders do, so there is a second, more generous look. An
// anchor is missing only if its words stand alone nowhere in its document, headings and
// links aside, and no other document has it as a label, or lacks it too. A page or a file of
// a site is missing only where others are beside it. A fence is open only if an odd number
// of lines opens or closes one, and it took in more than code. An example of Go is wrong only
// if its error is a slip, such as a comma too few; of JSON a part of an object is not judged.
//
// Documents that a program made, notes of releases and older versions are not judged. A
// folder such as v2 or 1.4 is of a version if another one has a page of the same name; one
// such as 2 or 2024 is not. A mistake that several documents have is one insight, and so
// is what copies of a document have.
//
// Links have four forms: those to sources, to other files, to addresses of pages, and to
// anchors. A form is not judged where more than a tenth of it leads nowhere, in five
// documents or more. A site may resolve it in its own way, or a folder was renamed; no
// insight says so, for nothing here can tell which. In a tree with a licence or the like
// at its top, and with no configuration of a site that is known, that holds for
// addresses and anchors alone: sources and other files are there or are not.
//
// Documents of other formats are left out. So are those that are too large, nested too
// deep or no text in UTF-8; an insight says so where they are many.
//
// Research integration, [Research], reads papers, feeds and notes: what works introduce
// and report, which of them a text cites, and what is of use to a kind of practice that
// is weak. Its questions name the works that they show: in which year one was published,
// whose name comes first, which work a sentence cites, which says a sentence, and which
// number stands in it. One work that several sources have is one. An entry that cannot
// be read is named with its file, line and byte, and stops no other.
//
// A finding is told once, whichever hobby finds it. Both prefer what a plan's topic
// names.
//
// # Untrusted text
//
// Documents and papers are other people's text, but for [Corpus]. Every insight and
// every item of them has the taint [hobby.Untrusted] and its document as source. So it
// gets into no training set unless it was accepted, and [hobby.Manager] can forget it.
// In a prompt a passage is between fences that cannot occur in it, without control and
// formatting characters, after a sentence that says what it is. Text that has the form
// of a chat template's tokens or of HTML is never shown to the model. A model may still
// be misled by what it reads; the harm is a wrong answer. [Options.Redact] removes
// secrets before anything else is done.
//
// # What is bounded
//
// Documents over 512 KiB, hidden folders, testdata, vendor and node_modules, and
// everything behind a symbolic link are left out. Links are followed within the
// tree only. [Options.MaxFiles] bounds the rest, and a prompt has at most 8 KiB.
// Read documents are kept until they change. When its context ends, a session
// ends within the time of reading one document.
package reading
