/** How long something took, as a parameter of a message: milliseconds, from one second on seconds. */
import type { Message } from "../generated/schema";
import { message } from "./words";

/** `42 ms`, `1.3 s`, `12 s`. */
export function took(milliseconds: number): Message {
  if (milliseconds < 1000) return message("qr.took_ms", { ms: Math.round(milliseconds) });
  const seconds = milliseconds / 1000;
  return message("qr.took_s", { seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
}

/** To be compared with others of its kind: `9876 ms`, `12.3 s`. */
export function answerTook(milliseconds: number): Message {
  return milliseconds < 10_000
    ? message("qr.took_ms", { ms: Math.round(milliseconds) })
    : message("qr.took_s", { seconds: (milliseconds / 1000).toFixed(1) });
}
