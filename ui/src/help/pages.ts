/** Which page of `docs/troubles` says more about a sentence. */
import type { Message } from "../generated/schema";
import type { Code } from "../words/words";

/** What stands before the dot of a code; every code of it that is not named elsewhere. */
type Namespace = Code extends `${infer Name}.${string}` ? Name : never;

/** The pages by their files, with the codes that lead to each. */
export const PAGES = {
  "no-signer": [
    "state.signer_missing_long",
    "state.signer_none_works_long",
    "state.cannot_send_long",
    "state.cannot_send_no_signer",
    "state.core_blocked",
    "signer",
  ],
  "login-refused": [
    "state.refused_unfit_signer",
    "state.refused_long",
    "state.wrong_account_long",
    "state.wrong_session_long",
    "state.other_scanned",
    "state.other_scanned_unknown",
    "qr.refused",
  ],
  scan: [
    "state.scan_long",
    "state.scan_code",
    "state.confirm_long",
    "state.confirm_unknown",
    "state.nobody_scanned_long",
  ],
  kicked: [
    "state.kicked_long",
    "state.kicked_again_long",
    "state.kicked_again_words",
    "state.kicked_again_do",
    "state.upstream_offline_long",
  ],
  network: ["state.no_network_long", "state.qq_unreachable_long", "state.core_reconnecting_long"],
  "core-download": [
    "state.core_absent_long",
    "state.core_not_installed",
    "state.core_not_installed_retry",
    "state.core_unconfirmed_long",
    "install",
  ],
  "core-crashed": [
    "state.given_up_long",
    "state.backoff_long",
    "state.cannot_run_long",
    "core.damaged",
    "core.offline_memory",
    "core.memory_limit_raised",
  ],
  update: [
    "update.nobody_answered",
    "update.not_obtained",
    "update.signature_wrong",
    "update.not_placed",
    "update.put_back",
    "update.image_fixed",
    "update.by_package",
  ],
  "core-update": ["core.rolled_back", "core.rollback_failed"],
  "port-in-use": ["port", "state.upstream_cannot_listen"],
  keyring: [
    "secret.keyring_locked",
    "secret.keyring_absent",
    "secret.keyring_timeout",
    "secret.keyring_failed",
  ],
  "framework-refused": [
    "refused",
    "dial.refused",
    "dial.token_missing",
    "dial.token_wrong",
    "dial.closed_at_once",
    "dial.wrong_path",
    "dial.other_account",
    "dial.unserved_path",
    "dial.takes_no_halves",
    "dial.beside",
    "dial.beside_connected",
  ],
  "framework-not-connected": [
    "dial",
    "post",
    "state.awaited_long",
    "state.uncalled_long",
    "state.framework_unstarted_long",
  ],
  "framework-slow": [
    "state.too_slow_long",
    "notice.queue_full",
    "notice.held_most",
    "notice.write_too_slow",
    "notice.unanswered",
    "notice.client_refused_size",
    "notice.action_forgotten",
  ],
  upstream: [
    "link",
    "state.upstream_unreachable",
    "state.upstream_wrong_token",
    "state.upstream_not_onebot",
    "state.upstream_other_account",
    "state.upstream_awaited_long",
    "notice.other_account",
    "notice.not_the_uin",
  ],
  settings: ["settings.file_wrong", "config", "start.settings_invalid"],
  "page-lost": ["app.lost", "app.not_there_yet", "folder"],
  "disk-full": ["io.disk_full", "file.disk_full", "settings.room_scarce", "core.no_room"],
} as const satisfies Record<string, readonly (Code | Namespace)[]>;

/** A page by the name of its file. */
export type HelpPage = keyof typeof PAGES;

const BY_CODE = new Map<string, HelpPage>(
  Object.entries(PAGES).flatMap(([page, codes]) =>
    codes.map((code) => [code, page as HelpPage] as const),
  ),
);

/** The page about a sentence, or about one within it. */
export function helpOf({ code, params = {} }: Message): HelpPage | null {
  const [namespace = ""] = code.split(".");
  const page = BY_CODE.get(code) ?? BY_CODE.get(namespace);
  if (page) return page;
  for (const param of Object.values(params).flat()) {
    const inner = typeof param === "object" ? helpOf(param) : null;
    if (inner) return inner;
  }
  return null;
}
