/** Keys, for every field that hears Enter or Escape. */
import type { KeyboardEvent } from "react";

/** The code of a key that an input method has taken; WebKit sends it after the composition's end. */
const TAKEN_BY_INPUT_METHOD = 229;

type Pressed = Pick<globalThis.KeyboardEvent, "isComposing" | "keyCode" | "key">;

/** Whether the key belongs to an input method: Enter then picks a word, and sends nothing. */
export function isComposing(event: Pressed | KeyboardEvent): boolean {
  const native = "nativeEvent" in event ? event.nativeEvent : event;
  return native.isComposing || native.keyCode === TAKEN_BY_INPUT_METHOD;
}

/** Whether this key was pressed, and meant. */
export function isKey(event: Pressed | KeyboardEvent, key: string): boolean {
  return event.key === key && !isComposing(event);
}
