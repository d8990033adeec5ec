/** The transcript on the page: a list of what was said, and a polite voice for screen readers. */

import { languageName, make } from "./dom.js";
import { firstSound, milliseconds, waterfall } from "./timing.js";

const SPEAKERS = { user: "You", assistant: "Assistant", note: "" };
/** So near the end, the page follows what is said. */
const NEAR_END_PX = 120;

export class Captions {
  #list;
  #scroller;
  #announcer;
  #speaks;
  #shown = new Map();

  /** `speaks`: whether answers are heard, so that a screen reader need not read them too. */
  constructor(conversation, { list, scroller, announcer, speaks }) {
    this.#list = list;
    this.#scroller = scroller;
    this.#announcer = announcer;
    this.#speaks = speaks;
    conversation.addEventListener("entry", ({ detail }) => this.#show(detail));
    conversation.addEventListener("removed", ({ detail }) => this.#remove(detail));
  }

  announce(text) {
    this.#announcer.textContent = text;
  }

  clear() {
    this.#list.replaceChildren();
    this.#shown.clear();
  }

  #show(entry) {
    const atEnd =
      this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight <
      NEAR_END_PX;
    let shown = this.#shown.get(entry);
    if (!shown) {
      shown = this.#add(entry);
      this.#shown.set(entry, shown);
    }
    shown.item.classList.toggle("unfinished", !entry.done);
    shown.words.replaceChildren(...words(entry));
    if (entry.turn && !shown.turn) {
      shown.turn = about(entry.turn);
      if (entry.turn.language) shown.words.lang = entry.turn.language;
      shown.item.append(shown.turn);
    }
    if (entry.done && !shown.told) {
      shown.told = true;
      this.#tell(entry);
    }
    if (atEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #add(entry) {
    const words = make("p", { class: "words" });
    const speaker =
      SPEAKERS[entry.who] && make("h3", { class: "speaker", text: SPEAKERS[entry.who] });
    const item = make("li", { class: `entry ${entry.who}` }, speaker, words);
    this.#list.append(item);
    return { item, words, turn: null, told: false };
  }

  #remove(entry) {
    this.#shown.get(entry)?.item.remove();
    this.#shown.delete(entry);
  }

  #tell(entry) {
    if (entry.who === "assistant" && this.#speaks()) return;
    this.announce([SPEAKERS[entry.who], entry.text].filter(Boolean).join(": "));
  }
}

/** An entry's words: those that may still change are marked for the eye and for a screen reader. */
function words(entry) {
  if (!entry.text && !entry.done) return [make("span", { class: "waiting", text: "…" })];
  const parts = [entry.stable];
  if (entry.tentative) {
    const hint = make("span", { class: "unseen", text: " (may still change:) " });
    const tentative = make("i", {
      class: "tentative",
      title: "These words may still change",
      text: entry.tentative,
    });
    parts.push(entry.stable ? " " : "", hint, tentative);
  }
  if (entry.unplayed) parts.push(" ", make("s", { class: "unplayed", text: entry.unplayed }));
  if (entry.interrupted) parts.push(" ", make("span", { class: "badge", text: "interrupted" }));
  return parts;
}

/** What is known of an answer's turn. */
function about(turn) {
  const facts = [
    ["Intent", withConfidence(turn.intent, turn.intent_confidence)],
    ["Emotion", withConfidence(turn.emotion, turn.emotion_confidence)],
    ["Language", turn.language && languageName(turn.language)],
    [
      "By",
      turn.handled_by && (turn.handled_by === "llm" ? "language model" : plain(turn.handled_by)),
    ],
  ].filter(([, value]) => value);
  const pairs = facts.map(([name, value]) =>
    make("div", {}, make("dt", { text: name }), make("dd", { text: value })),
  );
  const list = make("dl", { class: "facts" }, ...pairs);
  const first = firstSound(turn);
  const summary = make("summary", {
    text: first === null ? "Timing" : `First sound after ${milliseconds(first)}`,
  });
  return make("div", { class: "about" }, list, make("details", {}, summary, waterfall(turn)));
}

function withConfidence(name, confidence) {
  if (!name) return "";
  return confidence === null || confidence === undefined
    ? plain(name)
    : `${plain(name)} ${Math.round(confidence * 100)} %`;
}

function plain(name) {
  return name.replaceAll("_", " ");
}
