/** Draws how loud the microphone, or the assistant, has been: the newest at the right. */

import { make } from "./dom.js";

const BARS = 28;
const EVERY_MS = 50;
const CALM_EVERY_MS = 250;
const TELL_EVERY_MS = 500;
/** Full scale, from silence upwards. */
const RANGE_DB = 54;

export class Meter {
  #element;
  #bars;
  #levels = new Array(BARS).fill(0);
  #calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  #drawnAt = 0;
  #toldAt = 0;

  /** `read`: gives `{level, speaker}`, levels as the root of the mean square, of 0..1. */
  constructor(element, read) {
    this.#element = element;
    this.#bars = Array.from({ length: BARS }, () => make("i"));
    element.append(...this.#bars);
    const draw = (now) => {
      this.#draw(now, read());
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  #draw(now, { level, speaker }) {
    if (now - this.#drawnAt < (this.#calm.matches ? CALM_EVERY_MS : EVERY_MS)) return;
    this.#drawnAt = now;
    const value = shown(Math.max(level, speaker));
    this.#element.classList.toggle("assistant", speaker > level);
    this.#levels.push(value);
    this.#levels.shift();
    for (const [i, bar] of this.#bars.entries()) {
      // Without motion, one row that fills up in place of a wave that runs.
      const height = this.#calm.matches ? Number(i / BARS < value) : this.#levels[i];
      bar.style.transform = `scaleY(${Math.max(0.06, height)})`;
    }
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = now;
    this.#element.setAttribute("aria-valuenow", String(Math.round(shown(level) * 100)));
  }
}

function shown(level) {
  const decibels = 20 * Math.log10(Math.max(level, 1e-6));
  return Math.min(1, Math.max(0, 1 + decibels / RANGE_DB));
}
