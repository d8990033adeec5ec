/** The transcript as a file. */

const NAMES = { user: "You", assistant: "Assistant", note: "" };

export const FORMATS = {
  txt: { type: "text/plain", of: asText },
  json: { type: "application/json", of: asJson },
  vtt: { type: "text/vtt", of: asVtt },
};

export function asText(conversation) {
  return said(conversation).map(line).join("\n") + "\n";
}

function line(entry) {
  if (entry.who === "note") return `(${entry.text})`;
  return `${NAMES[entry.who]}: ${entry.text}${entry.interrupted ? " (interrupted)" : ""}`;
}

export function asJson(conversation) {
  const entries = said(conversation).map((entry) => ({
    who: entry.who,
    text: entry.text,
    began_ms: Math.round(entry.began),
    ended_ms: Math.round(entry.ended ?? entry.began),
    interrupted: entry.interrupted,
  }));
  return JSON.stringify({ entries, turns: conversation.turns }, null, 2) + "\n";
}

/** WebVTT: cues in order, with the speaker as voice. */
export function asVtt(conversation) {
  const spoken = said(conversation).filter((entry) => entry.who !== "note");
  const zero = spoken[0]?.began ?? 0;
  const cues = spoken.map((entry) => {
    const end = Math.max(entry.ended ?? entry.began, entry.began + 1);
    const text = entry.text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;");
    const times = `${clock(entry.began - zero)} --> ${clock(end - zero)}`;
    return `${times}\n<v ${NAMES[entry.who]}>${text.replace(/\s+/g, " ")}\n`;
  });
  return ["WEBVTT\n", ...cues].join("\n");
}

/** Hands `conversation` to the user as a file of `format`. */
export function save(conversation, format) {
  const { type, of } = FORMATS[format];
  const address = URL.createObjectURL(
    new Blob([of(conversation)], { type: `${type};charset=utf-8` }),
  );
  const link = document.createElement("a");
  link.href = address;
  const day = new Date().toISOString().slice(0, 16).replace(":", "-");
  link.download = `conversation-${day}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function said(conversation) {
  return conversation.entries.filter((entry) => entry.text);
}

function clock(ms) {
  const whole = Math.round(ms);
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600000);
  const minutes = Math.floor(whole / 60000) % 60;
  const seconds = Math.floor(whole / 1000) % 60;
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(whole % 1000).padStart(3, "0")}`;
}
