/** Plays the assistant's answers, and stops them. */

import { fromBase64 } from "./realtime.js";

/** Events: `cut` (the id of an item that was cut off). */
export class Answers extends EventTarget {
  #realtime;
  #sound;
  #response = "";
  /** The response that was cut off: of it nothing is played any more. */
  #dropped = "";
  #asking = false;

  constructor(realtime, sound) {
    super();
    this.#realtime = realtime;
    this.#sound = sound;
  }

  /** Whether there is something to interrupt. */
  get active() {
    return this.#response !== "" || this.#sound.playing !== "";
  }

  /** Takes a server event. */
  take(event) {
    switch (event.type) {
      case "response.created":
        this.#response = event.response.id;
        break;
      case "response.output_audio.delta":
        if (event.response_id !== this.#dropped)
          this.#sound.play(event.item_id, fromBase64(event.delta));
        break;
      case "output_audio_buffer.started":
        this.#sound.sounds(event.response_id);
        break;
      case "output_audio_buffer.stopped":
      case "output_audio_buffer.cleared":
        this.#sound.sounds("");
        break;
      case "response.done":
        this.#done(event.response);
        break;
      case "input_audio_buffer.speech_started":
        // A cough may begin like this, too: what comes later of the answer is played.
        if (this.#sound.playing) void this.#cut({ complete: this.#response === "" });
        break;
      case "voice_local.state":
        // The server sends no more while it makes sure that it is interrupted: what was sent waits.
        if (event.state === "interruption_pending") this.#sound.pause();
        else this.#sound.resume();
        break;
    }
  }

  /** Asks for an answer to what the user has given, once no other is going on. */
  ask() {
    this.#asking = this.#response !== "";
    if (!this.#asking) this.#realtime.send("response.create");
  }

  /** The user wants no more of this answer. */
  interrupt() {
    if (this.#realtime.carriesSound) {
      if (this.active) this.#realtime.send("output_audio_buffer.clear");
      return Promise.resolve();
    }
    if (this.#response) this.#realtime.send("response.cancel");
    this.#dropped = this.#response;
    return this.#cut();
  }

  /** The connection is gone. */
  async reset() {
    this.#response = this.#dropped = "";
    this.#asking = false;
    this.#sound.sounds("");
    await this.#sound.flush();
  }

  #done(response) {
    if (response.id === this.#response) this.#response = "";
    if (this.#asking) this.ask();
    if (response.status === "cancelled") void this.#cut();
    else this.#sound.done();
  }

  /** `complete`: the server has sent all of the answer; of its last moments nothing is missed. */
  async #cut({ complete = false } = {}) {
    if (this.#realtime.carriesSound) return; // the server stops it, and knows what was heard
    const { item, playedMs } = await this.#sound.flush();
    if (!item) return;
    this.#realtime.send("conversation.item.truncate", {
      item_id: item,
      content_index: 0,
      audio_end_ms: playedMs,
    });
    if (!complete) this.dispatchEvent(new CustomEvent("cut", { detail: item }));
  }
}
