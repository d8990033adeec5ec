/** The talk button by pointer and key, the space bar, and Escape. */

import { isDisabled } from "./dom.js";

/** With push to talk the button is held, or pressed shortly to begin and again to end. */
export function bindTalk(button, talk) {
  button.addEventListener("pointerdown", (event) => {
    if (!talk.holdMode || event.button !== 0 || isDisabled(button)) return;
    button.setPointerCapture(event.pointerId);
    if (talk.held) talk.release();
    else void talk.press();
  });
  for (const type of ["pointerup", "pointercancel"]) {
    button.addEventListener(type, () => {
      if (talk.holdMode) talk.release({ latches: true });
    });
  }
  button.addEventListener("click", (event) => {
    if (isDisabled(button)) return;
    const byPointer = event.detail > 0;
    if (!talk.holdMode) void talk.toggle();
    else if (byPointer) return;
    else if (talk.held) talk.release();
    else void talk.press();
  });
}

export function bindKeys({ talk, interrupt }) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) void interrupt();
    if (!isHoldKey(event, talk)) return;
    event.preventDefault();
    if (!event.repeat) void talk.press();
  });
  document.addEventListener("keyup", (event) => {
    if (!isHoldKey(event, talk)) return;
    event.preventDefault();
    talk.release();
  });
  // A key that is let go elsewhere is not told here.
  window.addEventListener("blur", () => {
    if (!talk.latched) talk.release();
  });
}

/** The space bar, unless it means something else to what has the focus. */
function isHoldKey(event, talk) {
  if (event.code !== "Space" || !talk.holdMode) return false;
  const other = event.target.closest?.(
    "input, select, textarea, summary, a, dialog, button:not(#talk)",
  );
  return !other && !isDisabled(document.getElementById("talk"));
}
