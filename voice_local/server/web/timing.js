/** Where the time of a turn went, and how that is spread over the session. */

import { make } from "./dom.js";

const WORK = [
  { name: "Recognition", field: "stt_latency_ms" },
  { name: "Understanding", field: "intent_latency_ms" },
  { name: "LLM first words", field: (turn) => turn.llm_first_clause_ms ?? turn.llm_first_token_ms },
  { name: "Voice", field: "tts_latency_ms" },
];
const WAIT = { name: "Endpointing", field: "commit_window_ms" };
const STAGES = [WAIT, ...WORK];
const TOTAL = {
  name: "First sound",
  field: (turn) => turn.first_audio_ms ?? turn.compute_first_audio_ms,
};
const MOST_TURNS = 500;

function valueOf(stage, turn) {
  const value = typeof stage.field === "function" ? stage.field(turn) : turn[stage.field];
  return Number.isFinite(value) ? value : null;
}

/** Milliseconds from the end of the user's words to the first sound; null: there was none. */
export function firstSound(turn) {
  return valueOf(TOTAL, turn);
}

export function milliseconds(value) {
  if (value === null) return "–";
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/** Bars `{name, begin, length}` in ms from the end of the user's words.
 *
 * Work begins when the turn is over, or ahead of that by what speculation has saved; its stages
 * follow one another.
 */
export function bars(turn) {
  const wait = valueOf(WAIT, turn);
  let at = Math.max(0, (wait ?? 0) - (turn.speculation_hit ? (turn.speculation_saved_ms ?? 0) : 0));
  const found = wait === null ? [] : [{ name: WAIT.name, begin: 0, length: wait }];
  for (const stage of WORK) {
    const length = valueOf(stage, turn);
    if (length === null) continue;
    found.push({ name: stage.name, begin: at, length });
    at += length;
  }
  return found;
}

/** A table with one bar a stage. */
export function waterfall(turn) {
  const rows = bars(turn);
  const first = firstSound(turn);
  const whole = Math.max(1, first ?? 0, ...rows.map((row) => row.begin + row.length));
  const body = make("tbody", {}, ...rows.map((row) => barRow(row, whole)));
  if (first !== null) body.append(barRow({ name: TOTAL.name, begin: first, length: 0 }, whole));
  const caption = make("caption", { class: "unseen", text: "Time of each stage of this answer" });
  return make("table", { class: "waterfall" }, caption, head("Stage", "When", "Time"), body);
}

function barRow({ name, begin, length }, whole) {
  const kind = name === WAIT.name ? "bar wait" : "bar";
  const bar = make("span", { class: length ? kind : "bar mark" });
  bar.style.marginInlineStart = `${(begin / whole) * 100}%`;
  bar.style.width = length ? `${(length / whole) * 100}%` : "";
  const when = make("span", { class: "unseen", text: `from ${milliseconds(begin)}` });
  return make(
    "tr",
    { class: length ? "" : "total" },
    make("th", { scope: "row", text: name }),
    make("td", { class: "track" }, bar, when),
    make("td", { class: "number", text: milliseconds(length || begin) }),
  );
}

/** Turns' times, with their percentiles. */
export class Timings {
  #turns = [];

  add(turn) {
    this.#turns.push(turn);
    if (this.#turns.length > MOST_TURNS) this.#turns.shift();
  }

  clear() {
    this.#turns = [];
  }

  get count() {
    return this.#turns.filter((turn) => firstSound(turn) !== null).length;
  }

  /** A table of every stage's 50th and 95th percentile. */
  table() {
    const rows = [...STAGES, TOTAL].map((stage) => {
      const values = this.#turns
        .map((turn) => valueOf(stage, turn))
        .filter((value) => value !== null);
      if (!values.length) return null;
      return make(
        "tr",
        { class: stage === TOTAL ? "total" : "" },
        make("th", { scope: "row", text: stage.name }),
        ...[50, 95].map((part) =>
          make("td", { class: "number", text: milliseconds(percentile(values, part)) }),
        ),
      );
    });
    const caption = make("caption", { class: "unseen", text: "Percentiles of this session" });
    return make("table", {}, caption, head("Stage", "Median", "p95"), make("tbody", {}, ...rows));
  }
}

/** By nearest rank. */
export function percentile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((part / 100) * sorted.length) - 1)];
}

function head(...names) {
  const cells = names.map((text) => make("th", { scope: "col", text }));
  return make("thead", {}, make("tr", {}, ...cells));
}
