// Package gocode is the hobby of code analysis: it reads a tree of Go code,
// computes facts about it, hands them over as insights with file and line, and
// asks the model questions whose key is the analysis.
//
// There are two layers. The first needs nothing but the files: it parses them
// and computes complexity, length, nesting, duplication, missing
// documentation, and which package imports which. The second needs the go
// command: it type-checks one package at a time and runs the analyzers of
// golang.org/x/tools and staticcheck over it. Where the go command is missing,
// or a package cannot be loaded, the first layer stands alone and an insight
// says why.
//
// # What is executed
//
// Nothing of the tree: no tests, no generators, no programs. The second layer
// runs "go list", which compiles packages so that their types are known, with
// the network (GOPROXY=off) and cgo (CGO_ENABLED=0) switched off. The user's
// GOFLAGS, a vendor folder, nested modules and workspaces count as they do for go
// vet. A file that imports "C" is named as looked at without types.
//
// # What is not reported
//
// The second layer says nothing of generated files, and of lines that the code's
// authors took out with //lint:ignore, //lint:file-ignore (each with a reason) or
// //nolint. What two analyzers report of one line is told once. Of an import's
// functions it knows what a light analysis of the import itself tells (that one never
// returns, or passes its arguments to Printf), of imports over 1 MiB nothing.
//
// # What is trusted
//
// An insight that names anything of the tree (a path, a function, an error, a
// text that an analyzer quotes) is [hobby.Untrusted], and its source is the file or
// folder it is about: a name can be written for a model to obey as well as a
// comment can. Only the size of the tree is trusted, which is nothing but numbers.
//
// # What is bounded
//
// Files over 1 MiB, generated files, testdata, vendored code and whatever lies
// behind a symbolic link are left out; [Options.MaxFiles] bounds the rest.
// What was found in a file is kept until it changes, some kilobytes, so that a
// session on an unchanged tree costs milliseconds and a session that the user
// interrupted is gone on with. A session ends within the time of one analyzer on one
// package when its context does.
package gocode
