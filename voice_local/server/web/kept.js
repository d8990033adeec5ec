/** What is kept, in words. */

const KEPT = {
  store: "What is said, on the server, for your next conversation.",
  audio: "Recordings of your voice, on the server.",
  recordings: "Recordings of your voice, on the server.",
  answers: "The answers as sound files, on the server.",
  log: "What is said, in the server's log.",
  transcripts: "What is said, in the server's log.",
};

/** Sentences of what the server keeps; `keeps`: its `{kind: boolean}`. */
export function keptWords(keeps) {
  const kept = Object.entries(keeps).filter(([, value]) => value);
  const words = kept.map(([kind]) => KEPT[kind] ?? `${kind.replaceAll("_", " ")}, on the server.`);
  if (!words.length) words.push("The server keeps nothing once this conversation ends.");
  return [...words, "This page keeps its transcript until you close it."];
}
