// Package openai is a [hobby.Model] over any server that speaks OpenAI's chat
// completions API: Ollama, llama-server, llama-cpp-python, vLLM, OpenAI itself
// and most gateways.
//
//	m, err := openai.New("http://127.0.0.1:11434/v1", "smollm2:135m", nil)
//
// # What it does about the differences between servers
//
// The servers agree on the shape of a request and differ in the rest: whether
// top_k exists and what switches it off, how an adapter is named, how a JSON
// Schema is passed, what an error looks like. [Model] finds out once which
// [Dialect] the server speaks, unless [Options].Dialect names it, and writes
// requests accordingly. Settings of [hobby.Sampling] that are off are sent as
// off, because servers have defaults of their own: greedy decoding with a hidden
// repetition penalty of 1.1 is not greedy decoding. A setting that the server
// would ignore is an error.
//
// # What a model is called
//
// [Model.Info] makes the model's key from the server's address, the model's name,
// its digest and its prompt template. Only Ollama reports a digest. With every
// other server the key is marked weak, because the weights behind the name may
// change unnoticed.
//
// # Adapters
//
// With vLLM and llama-server a Model is a [hobby.AdapterHost]; every other server is
// refused. vLLM loads and unloads adapters while it runs, where it was started to
// allow that; the paths are the server's. This is tested with a stand-in that was
// written after vLLM's source, and has never been run against the server. llama-server
// has the adapters that it was started with, each named by its file, and applies those
// that a request names. Neither tells a digest of an adapter, so its key is weak and
// stands on its name.
//
// Ollama takes no adapters any more: its source (server/create.go at 0029bb5af266)
// refuses a model that is to be made with one, and says that "LoRA adapters are no longer
// supported".
//
// # Errors
//
// A failure between this package and a server is an [*Error], which says what was
// asked of which address and what came back. Keys and header values never appear
// in it. When the caller's context ends, the error wraps the context's cause
// instead.
//
// # Why not the official client
//
// Linking github.com/openai/openai-go/v3 adds 26.6 MB to a host's binary (35.6
// instead of 8.9 MB for a program with one chat request, linux/amd64, Go 1.26).
// It also reads answers of any size into memory, takes a stream that breaks off
// for a complete one, and cannot show an answer that is not JSON. The few hundred
// lines here are checked against it in the tests.
package openai
