/** Changes the sample rate of mono sound, piece by piece, by a windowed sinc. */

/** Zero crossings of the sinc to each side, at the lower of both rates. */
const CROSSINGS = 32;
/** The filter's middle, as a part of the lower rate's half: its stop band begins at that half. */
const ROLLOFF = 0.92;
/** Of the Kaiser window: about 80 dB of stop band. */
const BETA = 8;

export class Resampler {
  /** From `from` Hz to `to` Hz, whole numbers. */
  constructor(from, to) {
    const divisor = greatestDivisor(from, to);
    this.up = to / divisor;
    this.down = from / divisor;
    this.half = Math.ceil(CROSSINGS * Math.max(1, from / to));
    this.phases = kernels(this.up, this.half, ROLLOFF * Math.min(1, to / from));
    this.reset();
  }

  /** Forgets the sound so far. */
  reset() {
    this.kept = new Float32Array(this.half - 1);
    this.at = this.half - 1;
    this.phase = 0;
  }

  /** The next of the sound at the new rate. It comes `half` samples of the old one late. */
  process(input) {
    if (this.up === this.down) return input;
    const sound = new Float32Array(this.kept.length + input.length);
    sound.set(this.kept);
    sound.set(input, this.kept.length);
    const left = sound.length - this.half - this.at;
    const output = new Float32Array(
      Math.max(0, Math.ceil((left * this.up - this.phase) / this.down)),
    );
    for (let i = 0; i < output.length; i++) {
      output[i] = this.#sampleOf(sound);
      this.phase += this.down;
      this.at += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    const used = Math.min(sound.length, this.at - this.half + 1);
    this.kept = sound.slice(used);
    this.at -= used;
    return output;
  }

  /** What is still in the filter once the sound has ended. */
  end() {
    const last =
      this.up === this.down ? new Float32Array(0) : this.process(new Float32Array(this.half));
    this.reset();
    return last;
  }

  #sampleOf(sound) {
    const kernel = this.phases[this.phase];
    const first = this.at - this.half + 1;
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) sum += kernel[k] * sound[first + k];
    return sum;
  }
}

/** One kernel for each place between two samples of the input where an output sample may lie. */
function kernels(up, half, cutoff) {
  return Array.from({ length: up }, (_, phase) => {
    const kernel = new Float64Array(2 * half);
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) {
      const t = k - half + 1 - phase / up;
      kernel[k] = cutoff * sinc(cutoff * t) * kaiser(t / half);
      sum += kernel[k];
    }
    return kernel.map((value) => value / sum);
  });
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x) {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** The modified Bessel function of order 0. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestDivisor(a, b) {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
