"""Trains a LoRA adapter with PEFT as lora/llama/internal/bench does, and prints
the seconds of every step, by the clock and of CPU: peftbench.py MODEL RANK BATCH LENGTH LEARNED STEPS THREADS"""

import sys
import time

import peft
import torch
import transformers

model_dir = sys.argv[1]
rank, batch, length, learned, steps, threads = map(int, sys.argv[2:])
torch.set_num_threads(threads)
torch.manual_seed(1)
model = transformers.AutoModelForCausalLM.from_pretrained(model_dir, dtype=torch.float32)
model = peft.get_peft_model(model, peft.LoraConfig(
    r=rank, lora_alpha=2 * rank, task_type="CAUSAL_LM",
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]))
model.train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
print("versions", torch.__version__, transformers.__version__, peft.__version__, flush=True)
for _ in range(steps):
    tokens = torch.randint(0, model.config.vocab_size, (batch, length))
    labels = tokens.clone()
    labels[:, : length - learned] = -100
    start, cpu = time.perf_counter(), time.process_time()
    loss = model(input_ids=tokens, labels=labels, use_cache=False).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    print("step", time.perf_counter() - start, time.process_time() - cpu, loss.item(), flush=True)
