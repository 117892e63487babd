// Package study is what the hobbies that study a tree of files share: a tree
// that is read again only where it changed, a notebook that tells each finding
// once, and a quiz whose key is the analysis.
package study
