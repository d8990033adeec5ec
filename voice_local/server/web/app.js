/** The page: joins what the other files do to its elements. */

import { Answers } from "./answers.js";
import { Sound, canPlay, microphoneProblem, whyNoMicrophone } from "./audio.js";
import { Captions } from "./captions.js";
import { Conversation } from "./conversation.js";
import { byId, make, setDisabled } from "./dom.js";
import { save } from "./export.js";
import { bindKeys, bindTalk } from "./keys.js";
import { deletedWords, keptWords } from "./kept.js";
import { Meter } from "./meter.js";
import { Realtime } from "./realtime.js";
import { Settings } from "./settings.js";
import { showStatus } from "./status.js";
import { Talk } from "./talk.js";
import { Timings, waterfall } from "./timing.js";

/** Errors that tell of nothing that the user should know. */
const HARMLESS = ["response_cancel_not_active", "input_audio_buffer_commit_empty"];

class Page {
  #sound = new Sound();
  #realtime = new Realtime(this.#sound);
  #answers = new Answers(this.#realtime, this.#sound);
  #talk = new Talk(this.#realtime, this.#sound, this.#answers);
  #settings = new Settings(this.#sound);
  #conversation = new Conversation();
  #timings = new Timings();
  #captions = new Captions(this.#conversation, {
    list: byId("captions"),
    scroller: byId("conversation"),
    announcer: byId("announcer"),
    speaks: () => this.#audible,
  });
  #status = { state: "connecting", why: "", inMs: 0 };
  #state = "listening";
  #profile = "";
  #keeps = {};
  #typed = 0;
  #updating = "";
  #wasOpen = false;
  #blocked = whyNoMicrophone();
  #audible = canPlay();

  start() {
    this.#bindServer();
    this.#bindUser();
    new Meter(byId("meter"), () => ({
      level: this.#sound.level,
      speaker: this.#sound.speakerLevel,
    }));
    if (this.#blocked) {
      byId("insecure").hidden = false;
      byId("insecure").append(make("p", { text: this.#blocked }));
    }
    byId("kept").append(...keptWords({}).map((text) => make("li", { text })));
    void this.#settings.showDevices();
    window.addEventListener("online", () => {
      if (this.#status.state === "waiting") this.#realtime.connect();
    });
    this.#realtime.connect();
    this.#show();
  }

  #bindServer() {
    this.#realtime.addEventListener("status", ({ detail }) => this.#onStatus(detail));
    this.#realtime.addEventListener("message", ({ detail }) => this.#onMessage(detail));
    this.#conversation.addEventListener("entry", () => (byId("welcome").hidden = true));
    this.#conversation.addEventListener("turn", ({ detail }) => this.#onTurn(detail));
    this.#answers.addEventListener("cut", ({ detail }) => this.#conversation.interrupt(detail));
    for (const type of ["started", "ended", "flushed"])
      this.#sound.addEventListener(type, () => this.#show());
    this.#talk.addEventListener("changed", () => this.#onTalk());
    this.#talk.addEventListener("problem", ({ detail }) => this.#notice(microphoneProblem(detail)));
  }

  #bindUser() {
    bindTalk(byId("talk"), this.#talk);
    bindKeys({ talk: this.#talk, interrupt: () => this.#interrupt() });
    byId("mute").addEventListener("click", () => this.#talk.mute());
    byId("interrupt").addEventListener("click", () => this.#interrupt());
    byId("hold").addEventListener("change", ({ target }) => {
      this.#talk.setHoldMode(target.checked);
      this.#update();
    });
    byId("type").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#type(byId("text"));
    });
    for (const example of byId("examples").querySelectorAll("button")) {
      example.addEventListener("click", () => this.#say(example.textContent));
    }
    for (const button of document.querySelectorAll("[data-format]")) {
      button.addEventListener("click", () => save(this.#conversation, button.dataset.format));
    }
    this.#bindDialogs();
    this.#settings.addEventListener("session", () => this.#update());
    this.#settings.addEventListener("microphone", ({ detail }) => this.#useMicrophone(detail));
    this.#settings.addEventListener("link", ({ detail }) => this.#useLink(detail));
    this.#settings.addEventListener("speaker", ({ detail }) => {
      this.#sound
        .useSpeaker(detail)
        .catch((error) => this.#notice(`That loudspeaker cannot be used (${error.message}).`));
    });
  }

  #bindDialogs() {
    byId("details").addEventListener("click", ({ currentTarget }) => {
      const open = document.body.classList.toggle("details-open");
      currentTarget.setAttribute("aria-expanded", String(open));
    });
    byId("token-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#realtime.connect(byId("token").value.trim());
      byId("token").value = "";
    });
    byId("notice-close").addEventListener("click", () => (byId("notice").hidden = true));
    byId("notice-action").addEventListener("click", () => this.#realtime.connect());
    const dialog = byId("forget-dialog");
    byId("forget").addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") this.#realtime.send("voice_local.forget");
      dialog.returnValue = "";
    });
  }

  // What the server tells.

  #onStatus(status) {
    this.#status = status;
    byId("token-form").hidden = status.state !== "token";
    if (status.state === "token") {
      byId("token-why").hidden = !status.why;
      byId("token-why").textContent = status.why;
      byId("token").focus();
    }
    if (status.state === "open") {
      byId("notice").hidden = true;
      if (this.#wasOpen && this.#conversation.entries.length) {
        this.#conversation.note("Connected again. The assistant starts afresh here.");
      }
      this.#wasOpen = true;
    } else {
      this.#onLost();
    }
    if (status.state === "waiting") this.#notice(status.why, "Try now");
    if (status.state === "closed") this.#notice(status.why, "Connect");
    this.#show();
  }

  #onLost() {
    this.#state = "listening";
    this.#conversation.cut();
    void this.#answers.reset();
    this.#talk.release();
  }

  #onMessage(event) {
    this.#conversation.take(event);
    this.#answers.take(event);
    switch (event.type) {
      case "session.created":
        this.#state = "listening";
        this.#update();
        break;
      case "voice_local.capabilities":
        this.#profile = event.profile ?? "";
        this.#keeps = event.keeps ?? {};
        this.#settings.offer(event);
        byId("kept").replaceChildren(
          ...keptWords(this.#keeps).map((text) => make("li", { text })),
        );
        break;
      case "voice_local.state":
        this.#state = event.state;
        if (event.state === "listening") this.#conversation.settle();
        break;
      case "voice_local.forgotten":
        this.#forgotten();
        break;
      case "error":
        this.#onError(event.error);
        break;
    }
    this.#show();
  }

  #onError(error) {
    if (HARMLESS.includes(error.code)) return;
    // Some changes need a new session: a voice, once it has been heard.
    if (error.event_id && error.event_id === this.#updating && this.#conversation.turns.length) {
      this.#updating = "";
      this.#realtime.connect();
      return;
    }
    this.#notice(error.message);
  }

  #onTurn(turn) {
    this.#timings.add(turn);
    byId("last").replaceChildren(waterfall(turn));
    if (this.#timings.count) {
      const count = make("p", {
        class: "soft",
        text: this.#timings.count === 1 ? "1 answer" : `${this.#timings.count} answers`,
      });
      byId("timing").replaceChildren(this.#timings.table(), count);
    }
  }

  #forgotten() {
    this.#conversation.clear();
    this.#captions.clear();
    this.#timings.clear();
    byId("last").replaceChildren();
    byId("timing").replaceChildren();
    byId("welcome").hidden = false;
    this.#notice(deletedWords(this.#keeps));
  }

  // What the user does.

  #onTalk() {
    if (this.#sound.listening) void this.#settings.showDevices();
    this.#show();
  }

  #type(field) {
    const text = field.value.trim();
    if (text && this.#say(text)) field.value = "";
  }

  /** False: it is not connected. */
  #say(text) {
    if (!this.#realtime.open) return false;
    void this.#sound.wake();
    if (this.#answers.active) void this.#interrupt();
    const id = `item_page_${Date.now().toString(36)}_${++this.#typed}`;
    const item = { id, type: "message", role: "user", content: [{ type: "input_text", text }] };
    this.#realtime.send("conversation.item.create", { item });
    this.#answers.ask();
    this.#conversation.type(id, text);
    return true;
  }

  #interrupt() {
    return this.#answers.interrupt();
  }

  #useMicrophone(id) {
    this.#talk.microphone = id;
    if (this.#sound.listening) void this.#talk.start();
  }

  async #useLink(kind) {
    this.#realtime.kind = kind;
    // Some browsers take no choice for a reason to make sound: the next click or key is one.
    this.#sound.wake().catch(() => {});
    await this.#realtime.connect();
  }

  #update() {
    const session = this.#settings.session({
      holdMode: this.#talk.holdMode,
      audible: this.#audible,
    });
    this.#updating = this.#realtime.send("session.update", { session });
  }

  // What is shown.

  #notice(text, action = "") {
    byId("notice-text").textContent = text;
    byId("notice-action").hidden = !action;
    byId("notice-action").textContent = action;
    byId("notice").hidden = false;
    this.#captions.announce(text);
  }

  #show() {
    const { state: connection, inMs } = this.#status;
    setDisabled(byId("interrupt"), !this.#answers.active);
    showStatus({
      connection,
      inMs,
      profile: this.#profile,
      state: this.#state,
      listening: this.#sound.listening,
      muted: this.#sound.muted,
      starting: this.#talk.starting,
      holdMode: this.#talk.holdMode,
      held: this.#talk.held,
      blocked: Boolean(this.#blocked),
    });
  }
}

new Page().start();
