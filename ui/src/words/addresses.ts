/**
 * Addresses as people type them, completed to what is tested and saved.
 *
 * An input method for Chinese writes `：`, `／`, `。` and letters of full width; a page or a chat that is
 * copied from adds spaces and marks that cannot be seen.
 */

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** What no address has in it, seen or unseen. */
const NOT_IN_ADDRESSES = /[\s\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

function plain(typed: string): string {
  return typed.normalize("NFKC").replace(NOT_IN_ADDRESSES, "").replaceAll("。", ".");
}

/** Of a program that is dialled, such as `ws://127.0.0.1:3001`. */
export function webSocketAddress(typed: string): string {
  const text = plain(typed);
  if (text === "") return "";
  if (/^https?:\/\//i.test(text)) return text.replace(/^https/i, "wss").replace(/^http/i, "ws");
  return SCHEME.test(text) ? text : `ws://${text}`;
}

/** Ports that are asked in the clear by nobody. */
const ENCRYPTED_PORTS = ["443", "8443"];

/** Of a service of the web; one of this machine, of a bare IP or with a port of its own is hardly ever encrypted. */
export function webAddress(typed: string): string {
  const text = plain(typed);
  if (text === "" || SCHEME.test(text)) return text;
  const [, host = "", port] = /^(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/.exec(text) ?? [];
  const isBare = host.toLowerCase() === "localhost" || /^\[|^[\d.]+$/.test(host);
  const inTheClear = port === undefined ? isBare : !ENCRYPTED_PORTS.includes(port);
  return `${inTheClear ? "http" : "https"}://${text}`;
}

/** Where perpetua listens, such as `127.0.0.1:6700`; a port alone is one of this machine. */
export function listenAddress(typed: string): string {
  const text = plain(typed).replace(SCHEME, "").replace(/\/+$/, "");
  if (/^:?\d{1,5}$/.test(text)) return `127.0.0.1:${text.replace(":", "")}`;
  return text.replace(/^localhost(?=:|$)/i, "127.0.0.1");
}
