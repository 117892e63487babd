// Package peft trains adapters with Hugging Face's PEFT, in a process of its own: on
// graphics processors, on several of them, or for models that lora/llama does not know.
//
// The package carries a Python script that needs torch, transformers and peft.
// Options.Command starts it: python3, or "accelerate launch" for several processors,
// which are then PyTorch's business. Another trainer takes its place through
// Options.Script, when it speaks the same protocol. The script of this package
// has run with PEFT 0.21.0 on one processor and on one H200, as alone.py of the job
// peft-trainer of .ci/peers checks it. It has not yet been held to the suite of trainers,
// which is what that job does, nor run on several processors.
//
// That protocol is this.
//
// The script is called with the path of a file of JSON, the job. Lines of its standard output
// that begin with "pastime: " are JSON objects with an event: "wait", after which it
// reads a line, which is "go" or "stop"; "step", after each step, of which there are at
// most as many as examples in all epochs; and last one of
// "done", with the adapter in the folder "final" of the job's folder "work"; "stopped",
// with a checkpoint; and "error", with a kind and a message. What else it prints is kept
// for the error message when it fails. It ends when its standard input does.
package peft
