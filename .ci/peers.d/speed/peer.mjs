// How fast llama.cpp is, once: node peer.mjs GGUF THREADS prints tokens/s of reading 512 tokens, of one answer
// after 64 and of 16 such answers at once, each its own sequence of one context (its parallel mode); "cpu" is tokens a second of processor time.
import {getLlama} from "node-llama-cpp";

const [gguf, threads] = [process.argv[2], Number(process.argv[3])];
const llama = await getLlama({gpu: false, build: "never", maxThreads: threads, logLevel: "error"});
const model = await llama.loadModel({modelPath: gguf});
const ids = Array.from({length: 512}, (_, i) => 1000 + i * 37 % 40000);
const speed = {};

const measure = async (name, tokens, f) => {
	const start = performance.now(), cpu = process.cpuUsage();
	await f();
	speed[name] = tokens * 1000 / (performance.now() - start);
	const spent = process.cpuUsage(cpu);
	speed[name + " cpu"] = tokens * 1e6 / (spent.user + spent.system);
};
const answer = async sequence => {
	let n = 0;
	for await (const _ of sequence.evaluate([ids[63]], {temperature: 0, yieldEogToken: true})) if (++n === 64) break;
};
const read = async (sequence, n) => {
	await sequence.clearHistory();
	await sequence.evaluateWithoutGeneratingNewTokens(ids.slice(0, n));
};

const one = await model.createContext({contextSize: 1024, batchSize: 512, threads, sequences: 1});
const sequence = one.getSequence();
await read(sequence, 64); // the first touches the weights
await measure("prefill", 512, () => read(sequence, 512));
await read(sequence, 63);
await measure("decode", 64, () => answer(sequence));
await one.dispose();
const many = await model.createContext({contextSize: 256, batchSize: 512, threads, sequences: 16});
const sequences = Array.from({length: 16}, () => many.getSequence());
for (const s of sequences) await read(s, 63);
await measure("decode16", 16 * 64, () => Promise.all(sequences.map(answer)));
console.log(JSON.stringify(speed));
process.exit(0);
