// Package reading is the hobby of research integration: it reads a tree of
// documents, computes facts about them, hands them over as insights with file
// and line, and asks the model questions whose key is the analysis.
//
// Markdown is read as GitHub renders it, MDX as Markdown without its code, plain
// text as paragraphs. The facts
// are of two sorts. Faults: links and anchors that lead nowhere, references
// without a definition, headings that skip a level or repeat one, code that
// does not parse as what it says it is, table rows with more cells than the
// table has, words said twice, paragraphs that stand in two places, what is
// still to be done. And knowledge: what an acronym stands for, how a document
// defines its terms, which document cites which.
//
// What cannot be read (other formats, text that is not UTF-8, documents that
// are too large or too deep) is left out, and an insight says so.
//
// # Untrusted text
//
// Documents are other people's text. Every insight and every item has the taint
// [hobby.Untrusted] and its document as source, so that nothing of it gets into
// a training set and [hobby.Manager] can forget it. In a prompt a passage
// stands between fences that cannot occur in it, without control and
// formatting characters, after a sentence that says what it is; text that has
// the form of a chat template's tokens or of HTML is never shown to the model.
// A model may still be misled by what it reads: the harm is a wrong answer.
// [Options.Redact] takes secrets out before anything else is done.
//
// # What is bounded
//
// Documents over 512 KiB, folders that a person would not look into (hidden
// ones, testdata, vendor, node_modules) and whatever lies behind a symbolic
// link are left out; links of documents are looked at within the tree only.
// [Options.MaxFiles] bounds the rest, and a prompt has at most 8 KiB. Read
// documents are kept until they change. A session ends within the time of
// reading one document when its context does.
package reading
