// Package nn is a Llama-family transformer: its forward pass, its backward pass,
// and low-rank adapters on its linear layers.
//
// A [Pass] runs batches of packed sequences and keeps what the backward pass
// needs:
//
//	p := nn.NewPass(&config, &weights, adapter, kernel.NewPool(2))
//	logits, err := p.Logits(tokens)              // [len(tokens), Vocab]
//	sum, n, err := p.Loss(batch)                 // forward only
//	sum, n, err = p.Backward(batch, grads, 1/n)  // adds the gradients
//
// Decoding builds on the same parts: [Rope] turns queries and keys,
// [Adapter.Apply] adds an adapter's change to a linear layer, and the products,
// norms and gated units are package kernel's. A block is
//
//	n := norm(x); q, k, v := n Q^T, n K^T, n V^T; rotate q and k
//	x += attention(q, k, v) O^T
//	n = norm(x); x += (silu(n Gate^T) * n Up^T) Down^T
//
// and the logits are norm(x) Head^T. Weights are never written to, except those
// that [Trainable] made. Results do not depend on the number of threads, to the
// last bit, nor on the number of other rows in a batch: see package kernel.
package nn
