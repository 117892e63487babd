// Package adapter reads and writes low-rank adapters: as the directory that
// Hugging Face's PEFT keeps, and as the GGUF file that llama.cpp loads.
package adapter
