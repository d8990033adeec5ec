/** What carries the events of `/v1/realtime`: a WebSocket, or a call over WebRTC. */

const PATH = "/v1/realtime";
const QUERY = "?model=default&extensions=voice_local";
/** Sound is dropped, not queued, while the network takes no more than this. */
const MOST_UNSENT = 512 * 1024;
/** Close code of a server that ended the session on purpose. */
const NORMAL = 1000;
/** A call's own addresses are found within this, or it goes on with those that are. */
const GATHER_MS = 2000;
/** A call that is not there after this will not be: no way leads to the server. */
const CONNECT_MS = 15000;
/** A call whose sound has stopped for so long is over. */
const LOST_MS = 5000;

export const SOCKET = "socket";
export const CALL = "call";

/** Whether this browser can make calls. */
export function canCall() {
  return Boolean(window.RTCPeerConnection);
}

/** Events: `message` (its text); `over` ({normal, status, why}): it is gone, or never came to be.
 * `normal`: the server has ended it on purpose. `status`: of HTTP, of one that was refused; else 0. */
class Link extends EventTarget {
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Sound goes in events. */
export class SocketLink extends Link {
  carriesSound = false;
  #socket;
  #token;
  #closed = false;

  /** Throws where `token` cannot be sent. */
  constructor(token) {
    super();
    this.#token = token;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const protocols = ["realtime", ...(token ? [`openai-insecure-api-key.${token}`] : [])];
    this.#socket = new WebSocket(`${scheme}://${location.host}${PATH}${QUERY}`, protocols);
    let opened = false;
    this.#socket.onopen = () => (opened = true);
    this.#socket.onmessage = ({ data }) => {
      if (!this.#closed) this.tell("message", data);
    };
    this.#socket.onclose = ({ code, reason }) => void this.#onClose(code, reason, opened);
  }

  get open() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get full() {
    return this.#socket.bufferedAmount > MOST_UNSENT;
  }

  send(text) {
    this.#socket.send(text);
  }

  close() {
    this.#closed = true;
    this.#socket.close();
  }

  async #onClose(code, reason, opened) {
    const refusal = opened ? { status: 0, why: "" } : await this.#refusal();
    if (this.#closed) return;
    this.tell("over", { normal: code === NORMAL, ...refusal, why: refusal.why || reason });
  }

  /** A WebSocket does not tell its page why it was refused: a request to the same place does. */
  async #refusal() {
    try {
      const answer = await fetch("/v1/models", { headers: bearer(this.#token), cache: "no-store" });
      if (answer.ok || answer.status === 404) return { status: 0, why: "" };
      return { status: answer.status, why: await reasonOf(answer) };
    } catch {
      return { status: 0, why: "The server does not answer." };
    }
  }
}

/** Sound goes on tracks of its own, as `sound` (a CallSound) takes and gives it. No STUN or TURN
 * server is asked: page and server meet on their own addresses. */
export class CallLink extends Link {
  carriesSound = true;
  #sound;
  #peer = new RTCPeerConnection({ iceServers: [] });
  #channel = this.#peer.createDataChannel("oai-events");
  #over = false;
  #timer = 0;
  /** Why the server ends the call, once it has told. */
  #reason = "";

  constructor(token, sound) {
    super();
    this.#sound = sound;
    this.#channel.onmessage = ({ data }) => this.#onMessage(data);
    this.#channel.onclose = () => this.#end(this.#reason);
    this.#channel.onopen = () => clearTimeout(this.#timer);
    this.#peer.onconnectionstatechange = () => this.#onState(this.#peer.connectionState);
    this.#endIn(CONNECT_MS, "No call to the server came about. WebSocket needs no way of its own.");
    this.#peer.ontrack = ({ track }) => sound.play(new MediaStream([track]));
    this.#peer.addTransceiver(sound.track, { direction: "sendrecv" });
    this.#begin(token).catch(() => this.#end("The server does not answer."));
  }

  get open() {
    return this.#channel.readyState === "open";
  }

  get full() {
    return false;
  }

  send(text) {
    this.#channel.send(text);
  }

  close() {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#sound.stop();
    this.#peer.close();
  }

  async #begin(token) {
    await this.#peer.setLocalDescription();
    await this.#gathered();
    if (this.#over) return;
    const answer = await fetch(`${PATH}/calls${QUERY}`, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", ...bearer(token) },
      body: this.#peer.localDescription.sdp,
    });
    if (!answer.ok) {
      this.#end(await reasonOf(answer), answer.status);
      return;
    }
    if (this.#over) {
      void fetch(`${answer.headers.get("Location")}/hangup`, {
        method: "POST",
        headers: bearer(token),
      });
      return;
    }
    await this.#peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  }

  #onState(state) {
    if (state === "failed") this.#end("The call broke off.");
    else if (state === "disconnected") this.#endIn(LOST_MS, "The call broke off.");
    else if (state === "connected" && this.open) clearTimeout(this.#timer);
  }

  #endIn(ms, why) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(why), ms);
  }

  #gathered() {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#peer.iceGatheringState === "complete") resolve();
      };
      this.#peer.addEventListener("icegatheringstatechange", look);
      setTimeout(resolve, GATHER_MS);
      look();
    });
  }

  #onMessage(data) {
    const event = JSON.parse(data);
    if (event.type === "voice_local.ended") this.#reason = event.reason;
    if (!this.#over) this.tell("message", data);
  }

  #end(why, status = 0) {
    if (this.#over) return;
    this.close();
    this.tell("over", { normal: this.#reason !== "", status, why });
  }
}

function bearer(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function reasonOf(answer) {
  const body = await answer.json().catch(() => ({}));
  return body.error?.message ?? "";
}
