/** The title of a login and the line under it, by where it stands. */
import type { ReactNode } from "react";
import { Lamp } from "../../components/state";
import type { AccountStatus, CoreStatus } from "../../generated/schema";
import { useCall } from "../../store/calls";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";

/** What stands above a login, on its own page and in the first run. */
export type Head = { title: string; line: ReactNode; lead?: ReactNode };

const SCANS: CoreStatus["state"][] = ["waiting_for_scan", "waiting_for_confirm"];

/** Without the code of a QR code: a title is read by others. */
export function useHead(account: AccountStatus): Head {
  const words = useWords();
  const now = useNow();
  const settings = useCall("account_settings", { account: account.name });
  const { core } = account;
  const uin = settings.data?.uin ?? null;
  const who = uin === null ? words.t("qr.anyone") : words.t("qr.only", { uin: String(uin) });

  if (core?.state === "refused" && core.refusal.kind === "server") {
    const { code, tag } = core.refusal;
    return {
      title: words.t("qr.refused"),
      lead: <Lamp tone="bad" icon="shield-x" />,
      line: (
        <span className="num">
          <Said
            message={message("qr.refused_line", {
              code,
              tag,
              time: time(words, core.since_ms, now),
            })}
          />
        </span>
      ),
    };
  }
  if (core?.state === "refused") {
    return {
      title: words.t("qr.wrong_account"),
      lead: <Lamp tone="bad" icon="user-exclamation" />,
      line: <Said message={message("qr.hold")} />,
    };
  }
  if (core?.state === "online") return { title: words.t("qr.logged_in"), line: null };
  if (core && SCANS.includes(core.state)) return { title: words.t("qr.title"), line: who };
  return { title: words.t("qr.log_in"), line: who };
}
