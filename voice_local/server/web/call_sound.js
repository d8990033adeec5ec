/** The page's sound on a call: the browser itself sends and plays it, so that its echo canceller
 * knows what is played. */

/** The switch's ramp, so that it is no click. */
const RAMP_S = 0.01;

export class CallSound {
  #context;
  #gate;
  #outgoing;
  #element = null;
  #source = null;
  #analyser = null;
  #speaker = "";

  /** `context`: the AudioContext that the microphone is heard in. */
  constructor(context) {
    this.#context = context;
    this.#gate = new GainNode(context, { gain: 1 });
    this.#outgoing = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    this.#gate.connect(this.#outgoing);
  }

  /** What is sent. */
  get track() {
    return this.#outgoing.stream.getAudioTracks()[0];
  }

  /** Where the microphone is connected to. */
  get input() {
    return this.#gate;
  }

  /** Whether the microphone's sound goes out; else silence does. */
  set sends(sends) {
    this.#gate.gain.setTargetAtTime(sends ? 1 : 0, this.#context.currentTime, RAMP_S);
  }

  /** Plays what comes. */
  play(stream) {
    this.stop();
    this.#element = new Audio();
    this.#element.srcObject = stream;
    // A loudspeaker that is not there any more: the system's own is used.
    if (this.#speaker) this.#element.setSinkId(this.#speaker).catch(() => {});
    // A page that nobody has touched may not make sound: the next `play` or key press will.
    this.#element.play().catch(() => {});
    this.#analyser = new AnalyserNode(this.#context, { fftSize: 1024 });
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  /** Goes on after the user has touched the page. */
  wake() {
    if (this.#element?.paused) this.#element.play().catch(() => {});
  }

  stop() {
    this.#element?.pause();
    if (this.#element) this.#element.srcObject = null;
    this.#source?.disconnect();
    this.#element = this.#source = this.#analyser = null;
  }

  async useSpeaker(deviceId) {
    this.#speaker = deviceId;
    await this.#element?.setSinkId?.(deviceId);
  }

  /** Of what is played: root mean square, 0 to 1. */
  get level() {
    if (!this.#analyser) return 0;
    const wave = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(wave);
    return Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
  }
}
