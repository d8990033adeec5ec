/** What runs on the browser's sound thread: the microphone's sound out, the assistant's in.
 *
 * Both sides of the messages speak PCM 16-bit at 24 kHz; the sound card may run at any rate.
 */

import { Resampler } from "./resampler.js";

const WIRE_RATE = 24000;
const PIECE = WIRE_RATE / 50;
/** So much is waited for before an answer begins, so that a late piece leaves no gap. */
const LEAD = WIRE_RATE / 25;
/** Ten minutes: what comes after that is dropped. */
const MOST_QUEUED = WIRE_RATE * 600;
const FADE_S = 0.006;

class Microphone extends AudioWorkletProcessor {
  #resampler = new Resampler(Math.round(sampleRate), WIRE_RATE);
  #piece = new Int16Array(PIECE);
  #count = 0;
  #energy = 0;

  process([input]) {
    if (!input.length) return true;
    for (const value of this.#resampler.process(input[0])) {
      const inRange = Math.max(-1, Math.min(1, value));
      this.#energy += inRange * inRange;
      this.#piece[this.#count++] = Math.round(inRange * 32767);
      if (this.#count === PIECE) this.#send();
    }
    return true;
  }

  #send() {
    const level = Math.sqrt(this.#energy / PIECE);
    this.port.postMessage({ samples: this.#piece.buffer, level }, [this.#piece.buffer]);
    this.#piece = new Int16Array(PIECE);
    this.#count = 0;
    this.#energy = 0;
  }
}

/** Plays pieces `{item, samples}` in turn.
 *
 * Messages in: `sound`, `done` (no more of this answer comes), `pause`, `resume`, `flush`.
 * Messages out: `started` and `ended` of an item, `flushed` with how much was played, `level`.
 */
class Speaker extends AudioWorkletProcessor {
  #resampler = new Resampler(WIRE_RATE, Math.round(sampleRate));
  #queue = [];
  #queued = 0;
  #ready = null;
  #waiting = true;
  #complete = false;
  #playing = "";
  #played = 0;
  #gain = 1;
  #target = 1;
  #tail = [];
  #energy = 0;
  #blocks = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this[`_${data.type}`]?.(data);
  }

  _sound({ item, samples }) {
    const sound = new Int16Array(samples);
    if (this.#queued + sound.length > MOST_QUEUED) return;
    this.#queue.push({ item, sound });
    this.#queued += sound.length;
    this.#complete = false;
  }

  _done() {
    this.#complete = true;
  }

  _pause() {
    this.#target = 0;
  }

  _resume() {
    this.#target = 1;
  }

  /** Drops everything at once, but for a fade too short to be heard as sound. */
  _flush() {
    const fade = Math.round(FADE_S * sampleRate);
    const gain = this.#gain;
    const item = this.#playing;
    const tail = Array.from({ length: fade }, (_, i) => this.#next() * gain * (1 - i / fade));
    const audible = gain > 0 ? tail : [];
    this.port.postMessage({ type: "flushed", item, playedMs: (this.#played / sampleRate) * 1000 });
    this.#empty();
    this.#tail = audible;
    this.#gain = this.#target = 1;
  }

  process(_, [output]) {
    const channel = output[0];
    const step = 1 / (FADE_S * sampleRate);
    for (let i = 0; i < channel.length; i++) {
      if (this.#gain < this.#target) this.#gain = Math.min(this.#target, this.#gain + step);
      if (this.#gain > this.#target) this.#gain = Math.max(this.#target, this.#gain - step);
      const value = (this.#gain > 0 ? this.#next() * this.#gain : 0) + (this.#tail.shift() ?? 0);
      channel[i] = value;
      this.#energy += value * value;
    }
    for (const other of output.slice(1)) other.set(channel);
    this.#tellLevel(channel.length);
    return true;
  }

  #next() {
    if (this.#waiting && !this.#mayBegin()) return 0;
    this.#waiting = false;
    while (!this.#ready || this.#ready.at === this.#ready.samples.length) {
      if (!this.#take()) return 0;
    }
    this.#played += 1;
    return this.#ready.samples[this.#ready.at++];
  }

  #mayBegin() {
    if (this.#queued >= LEAD) return true;
    return this.#complete && (this.#queued > 0 || this.#playing !== "");
  }

  /** Makes the next piece ready. False: there is none. */
  #take() {
    const piece = this.#queue.shift();
    if (!piece) {
      this.#waiting = true;
      return this.#complete && this.#playing !== "" && this.#endItem();
    }
    this.#queued -= piece.sound.length;
    if (piece.item !== this.#playing) {
      if (this.#playing) this.port.postMessage({ type: "ended", item: this.#playing });
      this.#playing = piece.item;
      this.#played = 0;
      this.port.postMessage({ type: "started", item: piece.item });
    }
    const samples = this.#resampler.process(Float32Array.from(piece.sound, (one) => one / 32768));
    this.#ready = { samples, at: 0 };
    return true;
  }

  #endItem() {
    this.port.postMessage({ type: "ended", item: this.#playing });
    this.#playing = "";
    this.#ready = { samples: this.#resampler.end(), at: 0 };
    this.#waiting = false;
    return this.#ready.samples.length > 0;
  }

  #empty() {
    this.#queue = [];
    this.#queued = this.#played = 0;
    this.#ready = null;
    this.#waiting = true;
    this.#complete = false;
    this.#playing = "";
    this.#resampler.reset();
  }

  #tellLevel(count) {
    if (++this.#blocks < 8) return;
    this.port.postMessage({ type: "level", level: Math.sqrt(this.#energy / (count * 8)) });
    this.#blocks = 0;
    this.#energy = 0;
  }
}

registerProcessor("microphone", Microphone);
registerProcessor("speaker", Speaker);
