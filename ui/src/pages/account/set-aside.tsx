/** The files of a login that were set aside or are gone, and the one button that brings the last login back. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Note } from "../../components/note";
import type { AccountStatus } from "../../generated/schema";
import { useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { isRestorable } from "./restorable";

type Props = {
  account: AccountStatus;
  /** Another way to a login, beside the copy. */
  second?: ReactNode;
};

/** Nothing where all of the login is in its place. */
export function SetAsideNote({ account, second = null }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const now = useNow();
  const restore = useDo("login_restore", ["login_backup"]);
  const aside = account.core?.set_aside ?? [];
  const [first] = aside;
  if (!first) return null;
  const agree = async () => {
    try {
      await restore.run({ account: account.name });
    } catch {
      // The note says why.
    }
  };
  const copy = first.copy_ms;
  const renamed = aside.flatMap(({ aside: now, file }) => (now ? [{ ...now, file }] : []));
  const files = renamed.map(({ file }) => `\`${file}\``).join(" · ");
  const unreadable = message("account.set_aside", { files });
  // The session is the one that can be gone without a trace.
  const isGone = renamed.length < aside.length;
  return (
    <Note
      tone="you"
      icon="archive"
      title={isGone ? message("account.session_gone") : unreadable}
      action={
        isRestorable(account) ? (
          <>
            {second}
            <Button
              variant="filled"
              disabled={!isLive}
              loading={restore.running}
              onClick={() => void agree()}
            >
              {words.t("account.set_aside_restore")}
            </Button>
          </>
        ) : null
      }
    >
      {isGone && renamed.length > 0 ? (
        <p>
          <Said message={unreadable} alone />
        </p>
      ) : null}
      {renamed.map(({ name, time_ms, why }) => (
        <p key={name} className="num">
          <Said
            message={message("account.set_aside_file", {
              when: time(words, time_ms, now),
              name,
              why,
            })}
            alone
          />
        </p>
      ))}
      <p>
        {copy === null
          ? words.t("account.set_aside_no_copy")
          : words.t("account.set_aside_copy", { when: time(words, copy, now) })}
      </p>
      {copy !== null && account.core?.state === "online" ? (
        <p>{words.t("account.set_aside_online")}</p>
      ) : null}
      {restore.problem ? (
        <p role="alert">
          <Said message={restore.problem} alone />
        </p>
      ) : null}
    </Note>
  );
}
