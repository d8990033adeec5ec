/** A client of `/v1/realtime` that connects again by itself. */

import { CALL, CallLink, SOCKET, SocketLink } from "./links.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
/** What a WebSocket's subprotocol may hold. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]*$/;

/** Events: `status` ({state, why, inMs}) with state connecting, open, waiting, closed or token;
 * `message` (a server event). */
export class Realtime extends EventTarget {
  #sound;
  #link = null;
  #token = "";
  #tries = 0;
  #attempt = 0;
  #timer = 0;
  #ids = 0;
  /** What carries it from the next `connect` on. */
  kind = SOCKET;

  /** `sound`: of the page, for calls. */
  constructor(sound) {
    super();
    this.#sound = sound;
  }

  get open() {
    return this.#link?.open ?? false;
  }

  /** Whether sound goes by itself, both ways, and not in events. */
  get carriesSound() {
    return this.#link?.carriesSound ?? false;
  }

  /** Connects, with `token` if one is given, which is kept in memory alone. */
  async connect(token = this.#token) {
    this.#token = token;
    this.close();
    const attempt = this.#attempt;
    this.#tell("connecting");
    if (!TOKEN.test(token)) {
      this.#tell("token", "A token has letters, digits and -._~ only.");
      return;
    }
    let link;
    try {
      const call = this.kind === CALL ? await this.#sound.call() : null;
      if (attempt !== this.#attempt) return;
      link = call ? new CallLink(token, call) : new SocketLink(token);
    } catch (error) {
      if (attempt === this.#attempt) this.#again(`It cannot connect (${error.message}).`);
      return;
    }
    this.#link = link;
    link.addEventListener("message", ({ detail }) => this.#onMessage(detail));
    link.addEventListener("over", ({ detail }) => this.#onOver(detail));
  }

  /** Ends the connection; no other is made until `connect`. */
  close() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    const link = this.#link;
    this.#link = null;
    link?.close();
  }

  /** Sends an event and gives its id; empty: it is not connected. */
  send(type, fields = {}) {
    if (!this.open) return "";
    const id = `page_${++this.#ids}`;
    this.#link.send(JSON.stringify({ event_id: id, type, ...fields }));
    return id;
  }

  /** Sends sound, PCM 16-bit of 24 kHz, where it goes in events. */
  sendSound(samples) {
    if (!this.open || this.carriesSound || this.#link.full) return;
    this.#link.send(
      JSON.stringify({ type: "input_audio_buffer.append", audio: toBase64(samples) }),
    );
  }

  #onMessage(data) {
    const event = JSON.parse(data);
    if (event.type === "session.created") {
      this.#tries = 0;
      this.#tell("open");
    }
    this.dispatchEvent(new CustomEvent("message", { detail: event }));
  }

  #onOver({ normal, status, why }) {
    this.#link = null;
    if (normal) {
      this.#tell("closed", why || "The server ended this conversation.");
    } else if (status === 401) {
      this.#tell("token", this.#token ? "The server did not take that token." : "");
    } else if (status === 403) {
      this.#tell("closed", why);
    } else {
      this.#again(why || "The connection was lost.");
    }
  }

  #again(why) {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    const inMs = longest * (0.75 + Math.random() / 4);
    this.#timer = setTimeout(() => this.connect(), inMs);
    this.#tell("waiting", why, inMs);
  }

  #tell(state, why = "", inMs = 0) {
    this.dispatchEvent(new CustomEvent("status", { detail: { state, why, inMs } }));
  }
}

export function toBase64(buffer) {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192)
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
}
