/** Elements. */

/** A new element. `attributes`: `class`, `text`, `onclick`; others are set as attributes. */
export function make(tag, { text, class: classes, onclick, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (classes) element.className = classes;
  if (onclick) element.addEventListener("click", onclick);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(Boolean));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

/** As `disabled`, but the focus stays: who works by keyboard does not lose the place. */
export function setDisabled(button, disabled) {
  button.setAttribute("aria-disabled", String(disabled));
}

export function isDisabled(button) {
  return button.getAttribute("aria-disabled") === "true";
}

/** The name of a language, in English; its code where the browser has none. */
export function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
