/** A client of `/v1/realtime` that connects again by itself. */

const PATH = "/v1/realtime?model=default&extensions=voice_local";
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
/** Sound is dropped, not queued, while the network takes no more than this. */
const MOST_UNSENT = 512 * 1024;
/** Close code of a server that ended the session on purpose. */
const NORMAL = 1000;

/** Events: `status` ({state, why, inMs}) with state connecting, open, waiting, closed or token;
 * `message` (a server event). */
export class Realtime extends EventTarget {
  #socket = null;
  #token = "";
  #tries = 0;
  #timer = 0;
  #ids = 0;

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects, with `token` if one is given, which is kept in memory alone. */
  connect(token = this.#token) {
    this.#token = token;
    this.close();
    this.#tell("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}${PATH}`;
    const protocols = ["realtime", ...(token ? [`openai-insecure-api-key.${token}`] : [])];
    let socket;
    try {
      socket = new WebSocket(url, protocols);
    } catch {
      this.#tell("token", "A token has letters, digits and -._~ only.");
      return;
    }
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => (opened = true);
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#onMessage(data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) void this.#onClose(event, opened);
    };
  }

  /** Ends the connection; no other is made until `connect`. */
  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Sends an event and gives its id; empty: it is not connected. */
  send(type, fields = {}) {
    if (!this.open) return "";
    const id = `page_${++this.#ids}`;
    this.#socket.send(JSON.stringify({ event_id: id, type, ...fields }));
    return id;
  }

  /** Sends sound, PCM 16-bit of 24 kHz. */
  sendSound(samples) {
    if (!this.open || this.#socket.bufferedAmount > MOST_UNSENT) return;
    this.#socket.send(
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

  async #onClose(event, opened) {
    const socket = this.#socket;
    if (event.code === NORMAL) {
      this.#tell("closed", event.reason || "The server ended this conversation.");
      return;
    }
    const refusal = opened ? { status: 0, why: "" } : await this.#refusal();
    if (socket !== this.#socket) return;
    if (refusal.status === 401) {
      this.#tell("token", this.#token ? "The server did not take that token." : "");
    } else if (refusal.status === 403) {
      this.#tell("closed", refusal.why);
    } else {
      this.#again(refusal.why || event.reason || "The connection was lost.");
    }
  }

  #again(why) {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    const inMs = longest * (0.75 + Math.random() / 4);
    this.#timer = setTimeout(() => this.connect(), inMs);
    this.#tell("waiting", why, inMs);
  }

  /** A WebSocket does not tell its page why it was refused: a request to the same place does. */
  async #refusal() {
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    try {
      const answer = await fetch("/v1/models", { headers, cache: "no-store" });
      if (answer.ok || answer.status === 404) return { status: 0, why: "" };
      const body = await answer.json().catch(() => ({}));
      return { status: answer.status, why: body.error?.message ?? "" };
    } catch {
      return { status: 0, why: "The server does not answer." };
    }
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
