// Package openai is a [hobby.Model] over any server that speaks OpenAI's chat
// completions API: Ollama, llama-server, llama-cpp-python, vLLM, OpenAI itself
// and most gateways.
//
//	m, err := openai.New("http://127.0.0.1:11434/v1", "smollm2:135m", nil)
//
// # What it does about the differences between servers
//
// The servers agree on the shape of a request and differ in everything beside
// it: whether top_k exists and what switches it off, how an adapter is named,
// how a JSON Schema is passed, what an error looks like. [Model] asks the
// server once which [Dialect] it speaks ([Options].Dialect overrides that) and
// writes requests accordingly. Settings of [hobby.Sampling] that are off are
// sent as off, since servers have defaults of their own: greedy decoding with
// a hidden repetition penalty of 1.1 is not greedy decoding. A setting that
// the server would ignore is an error, not a silent difference.
//
// # What a model is called
//
// [Model.Info] makes the model's key from the server's address, the model's
// name, its digest and its prompt template. Only Ollama tells a digest; with
// every other server the key is marked weak, because the weights behind the
// name may change unnoticed.
//
// # Errors
//
// Everything that goes wrong between this package and a server is an
// [*Error], which says what was being asked of which address and what came
// back. Keys and header values never appear in it. When the caller's context
// ends, the error wraps the context's cause instead.
//
// # Why not the official client
//
// Linking github.com/openai/openai-go/v3 adds 26.6 MB to a host's binary (35.6
// instead of 8.9 MB for a program with one chat request, linux/amd64, Go 1.26)
// and it reads answers of any size into memory, takes a stream that breaks off
// for a complete one, and cannot show what a server said that is not JSON. The
// few hundred lines here are checked against it in the tests instead.
package openai
