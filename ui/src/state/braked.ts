/** A core that is not started again until a person acts. */
import type { CoreStatus } from "../generated/schema";
import { message } from "../words/words";
import { holds, mends, never, type Standing, standing } from "./standing";

type Braked = Extract<CoreStatus, { state: "braked" }>;

/** What a new installation of the core mends. */
const BROKEN_CORE = ["core.damaged", "core.no_core", "core.vanished"];

/** Why it was given up, and the way on. */
export function braked(account: string, { reason, cause }: Braked): Standing {
  switch (reason) {
    case "failing":
      return standing("bad", "alert-octagon", message("state.given_up"), {
        sentence: message("state.given_up_long"),
        more: cause,
        mend: mends.tryAgain(account),
      });
    case "nobody_scanned":
      return standing("bad", "qrcode-off", message("state.nobody_scanned"), {
        sentence: message("state.nobody_scanned_long"),
        mend: { ...mends.login(account), word: message("state.do_get_code") },
      });
    case "kicked_again":
      return standing("bad", "user-off", message("state.kicked_again"), {
        sentence: message("state.kicked_again_long"),
        more: cause
          ? message("state.kicked_again_words", { cause })
          : message("state.kicked_again_do"),
        mend: mends.login(account),
      });
    case "cannot_run":
      return standing("bad", "device-desktop-x", message("state.cannot_run"), {
        sentence: message("state.cannot_run_long"),
        more: cause,
        mend: holds(cause, ...BROKEN_CORE)
          ? { word: message("state.do_install_again"), deed: { do: "install_core" } }
          : mends.tryAgain(account),
      });
    default:
      return never(reason);
  }
}
