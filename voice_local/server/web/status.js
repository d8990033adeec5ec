/** How the conversation stands, in words. */

import { byId, setDisabled } from "./dom.js";

const STATES = {
  listening: "Listening",
  user_speaking: "You are speaking",
  eager: "You paused",
  thinking: "Thinking",
  speaking: "Answering",
  interruption_pending: "Waiting for you",
};

const HINTS = {
  user_speaking: "Pause when you have said it.",
  eager: "Go on if you had not finished.",
  thinking: "Press Esc to stop it.",
  speaking: "Just speak to interrupt.",
  interruption_pending: "It goes on if you do not.",
};

const LOST_HINTS = {
  waiting: "The transcript stays here.",
  closed: "The transcript stays here.",
  token: "It is asked for above.",
};

/** `standing`: {connection, inMs} of `Realtime`, the server's `state` and `profile`, and of `Talk`
 * and `Sound` listening, starting, muted, holdMode, held; `blocked`: there may be no microphone. */
export function showStatus(standing) {
  byId("connection").textContent = connectionWords(standing);
  byId("profile").textContent = standing.profile && `· profile ${standing.profile}`;
  byId("state").textContent = stateWords(standing);
  byId("hint").textContent = hint(standing);
  document.body.dataset.state = shape(standing);
  showTalk(standing);
  byId("mute").setAttribute("aria-pressed", String(standing.muted));
}

function connectionWords({ connection, inMs }) {
  if (connection === "waiting") return `Next try in ${Math.max(1, Math.round(inMs / 1000))} s`;
  return {
    open: "Connected",
    connecting: "Connecting…",
    closed: "Not connected",
    token: "A token is needed",
  }[connection];
}

function stateWords(standing) {
  const { connection, state, listening, starting, muted, holdMode, held } = standing;
  if (connection !== "open") return connection === "connecting" ? "Connecting…" : "Not connected";
  if (starting) return "Starting the microphone…";
  if (held) return "You are speaking";
  if (state !== "listening") return STATES[state] ?? "Listening";
  if (!listening || holdMode) return "Ready";
  return muted ? "Muted" : STATES.listening;
}

function hint({ connection, state, listening, muted, holdMode, held, blocked }) {
  if (connection !== "open") return LOST_HINTS[connection] ?? "";
  if (held) return "Let go, or press again, when you have said it.";
  if (blocked) return "Type below.";
  if (HINTS[state]) return HINTS[state];
  if (holdMode) return "Hold Space, or the button, while you speak.";
  if (!listening) return "Press Talk, or type below.";
  return muted ? "The microphone is muted." : "Say something.";
}

function shape({ connection, state, listening, held, muted }) {
  if (connection !== "open") return "offline";
  if (held) return "user_speaking";
  if (state !== "listening") return state;
  return listening && !muted ? "listening" : "ready";
}

function showTalk({ connection, listening, holdMode, held, blocked }) {
  const talk = byId("talk");
  setDisabled(talk, connection !== "open" || blocked);
  talk.setAttribute("aria-pressed", String(holdMode ? held : listening));
  const words = holdMode ? ["Hold to talk", "Release to send"] : ["Talk", "Stop"];
  byId("talk-label").textContent = words[Number(holdMode ? held : listening)];
}
