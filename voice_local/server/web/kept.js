/** What is kept, in words. */

const KEPT = {
  log: "What is said, in the server's log. Deleting here does not delete it there.",
};

/** Sentences of what the server keeps; `keeps`: its `{kind: boolean}`. */
export function keptWords(keeps) {
  const kept = Object.entries(keeps).filter(([, value]) => value);
  const words = kept.map(([kind]) => KEPT[kind] ?? `${kind.replaceAll("_", " ")}, on the server.`);
  if (!words.length) words.push("The server keeps nothing once this conversation ends.");
  return [...words, "This page keeps its transcript until you close it."];
}

/** What to say once the conversation was deleted. */
export function deletedWords(keeps) {
  return keeps.log
    ? "Deleted, but for the server's log: that still holds what was said."
    : "Deleted: the server keeps nothing of this conversation any more.";
}
