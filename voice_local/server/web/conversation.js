/** What was said, made out of the server's events. */

/** One utterance or answer.
 *
 * `stable` words never change again, `tentative` ones may until `done`. `began`, `ended`: ms since
 * the page was opened. `unplayed`: what of an interrupted answer was not heard. `turn`: the record
 * of the turn that it belongs to.
 */
class Entry {
  tentative = "";
  unplayed = "";
  done = false;
  interrupted = false;
  turn = null;
  ended = null;

  constructor(id, who, now, text = "") {
    this.id = id;
    this.who = who;
    this.began = now;
    this.stable = text;
  }

  get text() {
    return [this.stable, this.tentative].filter(Boolean).join(" ");
  }
}

/** Events: `entry` (one is new or has changed), `removed`, `turn` (a record). */
export class Conversation extends EventTarget {
  entries = [];
  turns = [];
  #byId = new Map();
  #withPartials = new Set();
  #now;

  /** `now`: milliseconds of a steady clock. */
  constructor(now = () => performance.now()) {
    super();
    this.#now = now;
  }

  /** What the user types. */
  type(id, text) {
    const entry = this.#entry(id, "user");
    entry.stable = text;
    this.#finish(entry);
  }

  /** A line that nobody said. */
  note(text) {
    const entry = this.#entry(`note_${this.entries.length}_${Math.round(this.#now())}`, "note");
    entry.stable = text;
    this.#finish(entry);
  }

  clear() {
    this.entries = [];
    this.turns = [];
    this.#byId.clear();
    this.#withPartials.clear();
  }

  /** The connection was lost: nothing unfinished goes on. */
  cut() {
    for (const entry of [...this.entries]) {
      if (entry.done) continue;
      if (entry.text) this.#finish(entry);
      else this.#remove(entry);
    }
  }

  /** Nobody speaks: what began as speech and has no words was none. */
  settle() {
    for (const entry of [...this.entries]) {
      if (entry.who === "user" && !entry.done && !entry.text) this.#remove(entry);
    }
  }

  /** The answer `id` was cut off. */
  interrupt(id) {
    const entry = this.#byId.get(id);
    if (entry?.who !== "assistant") return;
    entry.interrupted = true;
    this.#finish(entry);
  }

  /** Takes a server event. */
  take(event) {
    const handlers = {
      "input_audio_buffer.speech_started": () => this.#entry(event.item_id, "user"),
      "voice_local.partial": () => this.#partial(event),
      "conversation.item.input_audio_transcription.delta": () => this.#heard(event),
      "conversation.item.input_audio_transcription.completed": () =>
        this.#transcribed(event.item_id, event.transcript),
      "conversation.item.input_audio_transcription.failed": () =>
        this.#transcribed(event.item_id, "(not understood)"),
      "conversation.item.deleted": () => this.#remove(this.#byId.get(event.item_id)),
      "response.output_audio_transcript.delta": () => this.#says(event),
      "response.output_text.delta": () => this.#says(event),
      "response.output_audio_transcript.done": () => this.#said(event.item_id, event.transcript),
      "response.output_text.done": () => this.#said(event.item_id, event.text),
      "response.done": () => this.#answered(event.response),
      "voice_local.turn": () => this.#turn(event.turn),
    };
    handlers[event.type]?.();
  }

  #partial({ item_id: id, stable, tentative }) {
    if (!id) return;
    const entry = this.#entry(id, "user");
    if (entry.done) return;
    this.#withPartials.add(id);
    entry.stable = (stable ?? "").trim();
    entry.tentative = (tentative ?? "").trim();
    this.#changed(entry);
  }

  /** Of a server without interim words. */
  #heard({ item_id: id, delta }) {
    const entry = this.#entry(id, "user");
    if (entry.done || this.#withPartials.has(id)) return;
    entry.stable += delta ?? "";
    this.#changed(entry);
  }

  #transcribed(id, transcript) {
    const entry = this.#entry(id, "user");
    entry.stable = (transcript ?? "").trim();
    entry.tentative = "";
    if (entry.stable) this.#finish(entry);
    else this.#remove(entry);
  }

  #says({ item_id: id, delta }) {
    const entry = this.#entry(id, "assistant");
    entry.stable += delta ?? "";
    this.#changed(entry);
  }

  #said(id, text) {
    const entry = this.#entry(id, "assistant");
    if (text && !entry.interrupted) entry.stable = text;
    this.#changed(entry);
  }

  #answered(response) {
    for (const item of response?.output ?? []) {
      const entry = this.#byId.get(item.id);
      if (!entry) continue;
      if (response.status === "cancelled" || item.status === "incomplete") entry.interrupted = true;
      this.#finish(entry);
    }
  }

  #turn(turn) {
    this.turns.push(turn);
    const answer = this.entries.findLast((entry) => entry.who === "assistant");
    if (answer && !answer.turn) {
      answer.turn = turn;
      if (turn.interrupted) this.#cutOff(answer, turn.heard_text ?? "");
      this.#finish(answer);
    }
    this.dispatchEvent(new CustomEvent("turn", { detail: turn }));
  }

  #cutOff(entry, played) {
    entry.interrupted = true;
    const whole = entry.stable.trim();
    if (!whole.startsWith(played.trim())) return;
    entry.stable = played.trim();
    entry.unplayed = whole.slice(entry.stable.length).trim();
  }

  #entry(id, who) {
    let entry = this.#byId.get(id);
    if (!entry) {
      entry = new Entry(id, who, this.#now());
      this.#byId.set(id, entry);
      this.entries.push(entry);
      this.#changed(entry);
    }
    return entry;
  }

  #finish(entry) {
    entry.done = true;
    entry.ended = this.#now();
    this.#changed(entry);
  }

  #remove(entry) {
    if (!entry) return;
    this.#byId.delete(entry.id);
    this.entries = this.entries.filter((one) => one !== entry);
    this.dispatchEvent(new CustomEvent("removed", { detail: entry }));
  }

  #changed(entry) {
    this.dispatchEvent(new CustomEvent("entry", { detail: entry }));
  }
}
