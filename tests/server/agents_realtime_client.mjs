// A session of @openai/agents-realtime, unchanged: node agents_realtime_client.mjs URL WAV…
// Prints one JSON document: answers, tools called, errors.
import { readFileSync } from "node:fs";
import { RealtimeAgent, RealtimeSession, OpenAIRealtimeWebSocket, tool } from "@openai/agents-realtime";
import { z } from "zod";

const LIMIT_MS = 60_000;
const [url, ...files] = process.argv.slice(2);
const called = [], errors = [], kinds = {};
let interrupted = 0;
const getWeather = tool({
  name: "get_weather",
  description: "Tells the weather in a city.",
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => { called.push(city); return `It is sunny in ${city}, 21 degrees.`; },
});
const agent = new RealtimeAgent({ name: "Assistant", instructions: "Answer in one short sentence." });
const transport = new OpenAIRealtimeWebSocket({ url });
const session = new RealtimeSession(agent, {
  transport,
  model: "gpt-realtime",
  config: { audio: { input: { transcription: { model: "gpt-4o-mini-transcribe" }, turnDetection: { type: "semantic_vad" } } } },
});
session.on("error", (event) => errors.push(JSON.stringify(event.error ?? event).slice(0, 500)));
session.on("audio_interrupted", () => { interrupted += 1; });
const waiters = [];
transport.on("*", (event) => {
  kinds[event.type] = (kinds[event.type] ?? 0) + 1;
  for (const waiter of waiters.splice(0)) waiter(event) || waiters.push(waiter);
});
const until = (kind) => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error(`no ${kind}`)), LIMIT_MS);
  waiters.push((event) => { if (event.type !== kind) return false; clearTimeout(timer); resolve(event); return true; });
});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function speak(file) {
  const data = Buffer.concat([readFileSync(file).subarray(44), Buffer.alloc(48_000)]);
  for (let at = 0; at < data.length; at += 960) {
    const piece = data.subarray(at, at + 960);
    session.sendAudio(piece.buffer.slice(piece.byteOffset, piece.byteOffset + piece.length));
    await sleep(20);
  }
}
async function ask(text) { const done = until("response.done"); session.sendMessage(text); return done; }

await session.connect({ apiKey: "any", url });
let turns = 0;
for (const file of files) { const done = until("response.done"); await speak(file); await done; turns += 1; }
for (const text of ["Tell me about the sea.", "What is two and two?", "Name a colour.", "Name an animal.", "Say hello."]) { await ask(text); turns += 1; }
const first = until("response.output_audio.delta");
session.sendMessage("Tell me a long story about a dog and a cat.");
await first; await sleep(800);
const cut = until("response.done"); await speak(files[0]); await cut;
await until("response.done").catch(() => {}); turns += 2;
await session.updateAgent(new RealtimeAgent({ name: "Weather", instructions: "Answer in one short sentence.", tools: [getWeather] }));
transport.updateSessionConfig({ toolChoice: "required", tools: [{ type: "function", name: "get_weather", description: "Tells the weather in a city.", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false }, strict: true }] });
let done = await ask("What is the weather in Paris?"); turns += 1;
while (done.response.output.some((item) => item.type === "function_call")) done = await until("response.done");
await sleep(500);
const said = session.history.filter((item) => item.role === "assistant").map((item) => item.content.map((part) => part.transcript ?? part.text ?? "").join(""));
console.log(JSON.stringify({ turns, said, called, errors, interrupted, kinds }));
session.close();
process.exit(0);
