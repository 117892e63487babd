// Package study has what the hobbies that study a tree of files share: a [Tree]
// that is read again only where it changed, a [Notebook] that tells each finding
// once, and a [Quiz] whose key comes from the analysis.
package study
