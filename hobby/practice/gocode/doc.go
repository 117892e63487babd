// Package gocode is the hobby of code analysis. It reads a tree of Go code,
// computes facts about it, and hands them over as insights with file and line. It
// asks the model questions whose right answers come from the analysis.
//
// There are two layers. The first needs only the files. It tells which declarations
// nothing names, which errors are always nil, which functions have the same
// code, which comments begin with another name, which comments and texts have mistakes of writing,
// which ifs do the same twice, what no test reaches, and where a comment is missing among others.
// The remarks of a rule are one insight, as are the functions of a folder that are alike. What few
// would change the code for is in one line: the functions that are hardest to read and where,
// parameters that are not used, and code that is commented out. The second layer needs the go command.
// It type-checks one package at a time and runs the analyzers of golang.org/x/tools and of
// staticcheck over it that tell of faults. Where the go command is missing, or a package cannot be
// loaded, only the first layer runs, and an insight says why.
//
// # What is executed
//
// Nothing of the tree is executed: no tests, no generators, no programs. The
// second layer runs "go list", which compiles packages for their types, with the
// network (GOPROXY=off) and cgo (CGO_ENABLED=0) switched off. The user's GOFLAGS,
// a vendor folder, nested modules and workspaces count as they do for go vet. A
// file that imports "C" is analysed without types, and an insight says so.
//
// # What is not reported
//
// The second layer reports nothing on generated files, and on lines that the code's
// authors excluded with //lint:ignore, //lint:file-ignore (each with a reason) or
// //nolint. A fault that two analyzers report on one line is told once. An import is
// analysed only lightly, for facts such as that a function is deprecated, never returns or
// passes its arguments to Printf; that it is pure is known of the standard library's
// functions only. Imports over 1 MiB are not analysed.
//
// # What is trusted
//
// An insight that names anything of the tree (a path, a function, an error, a text
// that an analyzer quotes) is [hobby.Untrusted], and its source is the file or
// folder that it is about. Names can carry instructions to a model, as comments
// can. That the tree has too many files is trusted, because it is a number alone.
//
// # What is bounded
//
// Files over 1 MiB, generated files, testdata, vendored code and everything behind a
// symbolic link are left out. [Options.MaxFiles] bounds the rest. The facts of a
// file, some kilobytes, are kept until it changes, so a session on an unchanged tree
// costs milliseconds, and a session continues one that the user interrupted. A
// thousand findings of a folder are kept, the most important ones.
//
// # Where it runs
//
// Where the host's main calls [Worker] first, the second layer runs in a process of its
// own, with a bound on its memory and its time ([Options]). A session then ends within
// some 50 milliseconds of its context, also one that analyses a package of 7 MB. A file
// on which an analyzer fails ends that process, and not the host. When the host dies,
// also by kill -9, the process and the compiler that it started end within seconds. On
// unix, it is a session of its own, so a signal from the terminal reaches the host only.
//
// Without the call, the second layer runs in the host's process. Neither its memory nor
// its time is bounded then. A session ends within the time of one analyzer on one package:
// 17 seconds were measured for modernc.org/libc. When the host is killed, the go command
// and the compiler may live on for minutes.
package gocode
