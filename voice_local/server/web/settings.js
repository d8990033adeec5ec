/** What the user chooses: voice, language and devices; and the session made of it. */

import { canPlay, devices } from "./audio.js";
import { byId, languageName, make } from "./dom.js";
import { canCall } from "./links.js";

/** A name that means the voice of the server's profile. */
const PROFILE_VOICE = "default";
const FORMAT = { type: "audio/pcm", rate: 24000 };

/** Events: `session` (it has to be updated), `microphone` and `speaker` (a device's id), `link`
 * (what carries the sound: SOCKET or CALL). */
export class Settings extends EventTarget {
  #voice = byId("voice");
  #language = byId("language");
  #microphone = byId("microphone");
  #speaker = byId("speaker");
  #link = byId("link");

  constructor(sound) {
    super();
    for (const picker of [this.#voice, this.#language]) {
      picker.addEventListener("change", () => this.dispatchEvent(new Event("session")));
    }
    for (const picker of [this.#microphone, this.#speaker, this.#link]) {
      picker.addEventListener("change", () =>
        this.dispatchEvent(new CustomEvent(picker.id, { detail: picker.value })),
      );
    }
    byId("speaker-field").hidden = !sound.choosesSpeaker;
    byId("link-field").hidden = !canPlay() || !canCall();
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.showDevices());
  }

  /** Of `session.update`. `audible`: answers are spoken; else they come as text. */
  session({ holdMode, audible }) {
    const transcription = { model: "default" };
    if (this.#language.value) transcription.language = this.#language.value;
    const output = { format: FORMAT, voice: this.#voice.value || PROFILE_VOICE };
    const detection = holdMode
      ? null
      : { type: "semantic_vad", create_response: true, interrupt_response: true };
    return {
      type: "realtime",
      output_modalities: [audible ? "audio" : "text"],
      audio: { input: { format: FORMAT, transcription, turn_detection: detection }, output },
    };
  }

  /** Offers what the server has: voices and languages, by name or as `{id, name}`. */
  offer({ voices = [], languages = [] }) {
    fill(this.#voice, [
      { id: "", label: "The profile’s voice" },
      ...voices.map((one) => option(one)),
    ]);
    fill(this.#language, [
      { id: "", label: "Any of its languages" },
      ...languages.map((one) => option(one, languageName)),
    ]);
    byId("voice-field").hidden = voices.length === 0;
    byId("language-field").hidden = languages.length === 0;
  }

  /** Lists devices; browsers name them once the microphone was allowed. */
  async showDevices() {
    const { microphones, speakers } = await devices();
    fill(this.#microphone, named(microphones, "Microphone"));
    fill(this.#speaker, named(speakers, "Loudspeaker"));
  }
}

function option(one, name = (id) => id) {
  if (typeof one === "string") return { id: one, label: name(one) };
  const id = one.id ?? one.code ?? one.name;
  return { id, label: one.label ?? one.name ?? name(id) };
}

function named(list, kind) {
  const found = list
    .filter((one) => one.id !== "default")
    .map((one, i) => ({ id: one.id, label: one.label || `${kind} ${i + 1}` }));
  return [{ id: "", label: "System default" }, ...found];
}

/** Keeps what was chosen, where it is still there. */
function fill(picker, choices) {
  const chosen = picker.value;
  picker.replaceChildren(
    ...choices.map(({ id, label }) => make("option", { value: id, text: label })),
  );
  picker.value = choices.some(({ id }) => id === chosen) ? chosen : choices[0].id;
}
