/** The page's microphone and loudspeaker around one AudioContext. */

import { CallSound } from "./call_sound.js";

const CONSTRAINTS = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Whether a page may make sound itself here; else answers are shown. */
export function canPlay() {
  return window.isSecureContext && Boolean(window.AudioWorkletNode);
}

/** Why there may be no microphone here; empty: there may. */
export function whyNoMicrophone() {
  if (!window.isSecureContext) {
    return (
      "Browsers give the microphone to pages from https or localhost only; this page came from " +
      `${location.origin}. Start the server with --tls and open it by https. You can still type.`
    );
  }
  if (!navigator.mediaDevices?.getUserMedia || !canPlay()) {
    return "This browser has no microphone for pages. You can still type.";
  }
  return "";
}

/** In words, why the microphone did not start. */
export function microphoneProblem(error) {
  const known = {
    NotAllowedError:
      "The microphone is not allowed. Allow it in the address bar, then press Talk again.",
    NotFoundError: "No microphone was found. Connect one, then press Talk again.",
    NotReadableError: "The microphone is used by another program, or does not answer.",
    OverconstrainedError: "That microphone is not there any more. Choose another.",
  };
  return known[error.name] ?? `The microphone did not start (${error.message}).`;
}

export class Sound extends EventTarget {
  #context = null;
  #loading = null;
  #speaker = null;
  #stream = null;
  #source = null;
  #capture = null;
  #call = null;
  #muted = false;
  #flushing = [];
  #speakerLevel = 0;
  /** The item that is being played, or on a call the response; empty: none. */
  playing = "";
  level = 0;

  /** Makes sound possible; has to be called from a key or a click. */
  async wake() {
    if (!canPlay()) return;
    await this.call();
    this.#call.wake();
    if (this.#context.state !== "running") await this.#context.resume();
  }

  /** The sound of calls. */
  async call() {
    this.#loading ??= this.#load().catch((error) => {
      this.#loading = null; // the next try loads it again
      throw error;
    });
    await this.#loading;
    return this.#call;
  }

  /** Of the assistant: root mean square, 0 to 1. */
  get speakerLevel() {
    return Math.max(this.#speakerLevel, this.#call?.level ?? 0);
  }

  async #load() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    await this.#context.audioWorklet.addModule(new URL("./worklet.js", import.meta.url));
    this.#speaker = new AudioWorkletNode(this.#context, "speaker", {
      numberOfInputs: 0,
      outputChannelCount: [1],
    });
    this.#speaker.port.onmessage = ({ data }) => this.#onSpeaker(data);
    this.#speaker.connect(this.#context.destination);
    this.#call = new CallSound(this.#context);
  }

  // The microphone.

  get listening() {
    return this.#stream !== null;
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    for (const track of this.#stream?.getTracks() ?? []) track.enabled = !muted;
  }

  /** Sends `samples` events, an ArrayBuffer of 20 ms each. */
  async listen(deviceId = "") {
    this.stopListening();
    const audio = deviceId ? { ...CONSTRAINTS, deviceId: { exact: deviceId } } : CONSTRAINTS;
    const [stream] = await Promise.all([
      navigator.mediaDevices.getUserMedia({ audio }),
      this.wake(),
    ]);
    this.#stream = stream;
    this.muted = this.#muted;
    stream.getAudioTracks()[0].addEventListener("ended", () => {
      if (this.#stream === stream) this.dispatchEvent(new Event("lost"));
    });
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#capture = new AudioWorkletNode(this.#context, "microphone", {
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: "explicit",
    });
    this.#capture.port.onmessage = ({ data }) => {
      this.level = data.level;
      this.dispatchEvent(new CustomEvent("samples", { detail: data.samples }));
    };
    this.#source.connect(this.#capture);
    this.#source.connect(this.#call.input);
  }

  /** Whether the microphone's sound goes out on calls. */
  set sends(sends) {
    if (this.#call) this.#call.sends = sends;
  }

  stopListening() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    if (this.#capture) this.#capture.port.onmessage = null;
    this.#source?.disconnect();
    this.#stream = this.#source = this.#capture = null;
    this.level = 0;
  }

  // The loudspeaker.

  play(item, samples) {
    this.#speaker?.port.postMessage({ type: "sound", item, samples }, [samples]);
  }

  done() {
    this.#speaker?.port.postMessage({ type: "done" });
  }

  pause() {
    this.#speaker?.port.postMessage({ type: "pause" });
  }

  resume() {
    this.#speaker?.port.postMessage({ type: "resume" });
  }

  /** Stops at once. Gives `{item, playedMs}` of what was cut off; `item` is empty: nothing was. */
  flush() {
    if (!this.#speaker) return Promise.resolve({ item: "", playedMs: 0 });
    this.#speaker.port.postMessage({ type: "flush" });
    return new Promise((resolve) => this.#flushing.push(resolve));
  }

  /** Whether the loudspeaker can be chosen. */
  get choosesSpeaker() {
    return Boolean(window.AudioContext?.prototype.setSinkId);
  }

  async useSpeaker(deviceId) {
    await this.wake();
    await Promise.all([this.#context.setSinkId(deviceId), this.#call.useSpeaker(deviceId)]);
  }

  /** On a call: the server tells what sounds; empty: nothing does. */
  sounds(response) {
    this.playing = response;
    this.dispatchEvent(new CustomEvent(response ? "started" : "ended", { detail: response }));
  }

  #onSpeaker(data) {
    if (data.type === "level") {
      this.#speakerLevel = data.level;
      return;
    }
    if (data.type === "flushed") {
      const { outputLatency = 0, baseLatency = 0 } = this.#context;
      const onItsWay = (outputLatency || baseLatency) * 1000;
      const playedMs = Math.max(0, Math.floor(data.playedMs - onItsWay));
      this.#flushing.shift()?.({ item: data.item, playedMs });
    }
    this.playing = data.type === "started" ? data.item : "";
    this.dispatchEvent(new CustomEvent(data.type, { detail: data.item }));
  }
}

/** Microphones and loudspeakers: `{microphones, speakers}`, lists of `{id, label}`. */
export async function devices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind) =>
    all
      .filter((one) => one.kind === kind && one.deviceId)
      .map((one) => ({ id: one.deviceId, label: one.label }));
  return { microphones: of("audioinput"), speakers: of("audiooutput") };
}
