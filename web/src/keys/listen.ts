/** Which key presses are the page's business. */

const TYPES_TEXT = new Set(["text", "search", "email", "url", "password", "number", "tel"]);

/** Say whether the press belongs to something else: a text field, an open dialog, a shortcut of the browser. */
export function isElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return true;
  }
  const target = event.target instanceof Element ? event.target : null;
  if (target === null) {
    return false;
  }
  return (
    target.closest("[role='dialog'], [role='menu'], [contenteditable='true']") !== null || isTextField(target)
  );
}

/** Say whether Enter has a meaning of its own here: on a button or link outside the answers. */
export function hasOwnEnter(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest("button, a[href], summary") !== null;
}

/** Say whether the space bar has a meaning of its own here: it presses buttons, ticks boxes and opens lists. */
export function hasOwnSpace(event: KeyboardEvent): boolean {
  return (
    event.target instanceof Element &&
    event.target.closest(
      "button, summary, input, audio, video, [role='button'], [role='option'], [role='switch'], [role='checkbox'], [role='radio'], [role='slider'], [role='tab']",
    ) !== null
  );
}

function isTextField(target: Element): boolean {
  if (target instanceof HTMLInputElement) {
    return TYPES_TEXT.has(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
