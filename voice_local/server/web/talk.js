/** The user's side: when the microphone's sound is sent. */

const SILENCE_S = 1.5;
const RATE = 24000;
/** A press shorter than this latches: the next one ends the turn. */
const TAP_MS = 350;
/** People let go with their last syllable: so much more is still sent. */
const TAIL_MS = 200;
/** On a call, sound comes later than the event that ends the turn. */
const CALL_TAIL_MS = 350;
/** Less sound than this many pieces of 20 ms is a slip of the hand, and no turn. */
const LEAST_PIECES = 15;

/** Events: `changed`; `problem` (an Error of the microphone). */
export class Talk extends EventTarget {
  #realtime;
  #sound;
  #answers;
  #pressedAt = 0;
  #tail = 0;
  /** Pieces of sound since the button went down. */
  #sent = 0;
  /** Push to talk: sound is sent only while the user holds the button. */
  holdMode = false;
  held = false;
  /** It was pressed shortly: the next press ends the turn. */
  latched = false;
  starting = false;
  microphone = "";

  constructor(realtime, sound, answers) {
    super();
    this.#realtime = realtime;
    this.#sound = sound;
    this.#answers = answers;
    sound.addEventListener("samples", ({ detail }) => {
      if (!this.#sends) return;
      this.#sent += 1;
      realtime.sendSound(detail);
    });
    sound.addEventListener("lost", () => {
      this.stop();
      this.dispatchEvent(
        new CustomEvent("problem", {
          detail: new DOMException("it was unplugged", "OverconstrainedError"),
        }),
      );
    });
  }

  get #sends() {
    return !this.holdMode || this.held || this.#tail !== 0;
  }

  async toggle() {
    if (this.#sound.listening) this.stop();
    else await this.start();
  }

  async start() {
    if (this.starting) return;
    this.starting = true;
    this.#changed();
    try {
      await this.#sound.listen(this.microphone);
    } catch (error) {
      this.dispatchEvent(new CustomEvent("problem", { detail: error }));
    }
    this.starting = false;
    this.#changed();
  }

  stop() {
    this.#sound.stopListening();
    this.held = this.latched = false;
    // What was being said is not lost: to the server, silence follows at once.
    if (!this.holdMode) this.#realtime.sendSound(new Int16Array(RATE * SILENCE_S).buffer);
    this.#changed();
  }

  mute() {
    this.#sound.muted = !this.#sound.muted;
    this.#changed();
  }

  /** Push to talk or not; `session.update` has to follow. */
  setHoldMode(on) {
    this.holdMode = on;
    this.held = this.latched = false;
    this.#changed();
  }

  /** The button or the space bar went down. */
  async press() {
    if (this.latched || this.held) return;
    if (this.#tail) this.#commit();
    this.#pressedAt = performance.now();
    this.#sent = 0;
    this.held = true;
    void this.#answers.interrupt();
    this.#realtime.send("input_audio_buffer.clear");
    this.#changed();
    if (!this.#sound.listening) await this.start();
    if (!this.#sound.listening) this.held = false;
    this.#changed();
  }

  /** It went up. `latches`: after a short press the turn goes on until the next. */
  release({ latches = false } = {}) {
    if (!this.held) return;
    if (latches && !this.latched && performance.now() - this.#pressedAt < TAP_MS) {
      this.latched = true;
      this.#changed();
      return;
    }
    this.held = this.latched = false;
    const tailMs = this.#realtime.carriesSound ? CALL_TAIL_MS : TAIL_MS;
    this.#tail = setTimeout(() => this.#commit(), tailMs);
    this.#changed();
  }

  #commit() {
    clearTimeout(this.#tail);
    this.#tail = 0;
    this.#sound.sends = this.#sends;
    if (this.#sent < LEAST_PIECES) {
      this.#realtime.send("input_audio_buffer.clear");
      return;
    }
    this.#realtime.send("input_audio_buffer.commit");
    this.#answers.ask();
  }

  #changed() {
    this.#sound.sends = this.#sends;
    this.dispatchEvent(new Event("changed"));
  }
}
