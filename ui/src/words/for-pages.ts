/**
 * Sentences that the terminal shares with the pages, and that send their reader to a command, to the
 * settings file, or end in what a library said. Whoever reads a page has a button for it, and maybe no terminal: the page says it so.
 */
import type { Message } from "../generated/schema";
import type { Code } from "./words";

const INSTEAD = {
  "refused.no_token": "client.refused_no_token",
  "refused.wrong_token": "client.refused_wrong_token",
  "refused.token_elsewhere": "client.refused_token_elsewhere",
  "refused.no_upstream_token": "problem.no_upstream_token",
  "refused.wrong_upstream_token": "problem.wrong_upstream_token",
  "port.in_use": "problem.port_in_use",
  "port.in_use_by": "problem.port_in_use_by",
  "port.in_use_by_us": "problem.port_in_use_by_us",
  "port.not_allowed": "problem.port_not_allowed",
  "signer.none_configured": "problem.no_signer",
  "signer.none_to_test": "problem.no_signer",
  "core.not_allowed": "problem.core_not_allowed",
  "core.offline_memory": "problem.core_memory",
  "core.memory_limit_raised": "problem.memory_limit_raised",
  "secret.keyring_locked": "problem.keyring_locked",
  "secret.keyring_absent": "problem.keyring_absent",
  "secret.keyring_timeout": "problem.keyring_timeout",
  "link.wrong_token": "problem.link_wrong_token",
  "install.proxy_failed": "problem.download_proxy",
  "io.other": "problem.in_own_words",
  "config.toml": "problem.not_toml",
} as const satisfies { [Shared in Code]?: Code };

/** What a library or a system said, in its own words: they stand beside the sentence, which has none for it. */
const OWN_WORDS = ["io.other", "config.toml"];

/** Those words within a message. */
export function ownWords({ code, params = {} }: Message): string[] {
  const text = params["text"];
  const own = OWN_WORDS.includes(code) && typeof text === "string" ? [text] : [];
  const inner = Object.values(params).flat();
  return [...own, ...inner.flatMap((param) => (typeof param === "object" ? ownWords(param) : []))];
}

/** The code under which a page says it; its parameters are the same. */
export function forPages(code: string): string {
  return Object.hasOwn(INSTEAD, code) ? INSTEAD[code as keyof typeof INSTEAD] : code;
}
