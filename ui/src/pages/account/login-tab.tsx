/** The login of an account: where it is shown, its backup, and the way out of it. */
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Decision } from "../../components/decision";
import { Note } from "../../components/note";
import { OptionRow, Options, type Result, ResultLine } from "../../components/option";
import type { AccountStatus } from "../../generated/schema";
import { nameOf } from "../../state/headline";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import { RestoreDialog } from "../login/backup";

export function LoginTab({ account }: { account: AccountStatus }) {
  const words = useWords();
  const navigate = useNavigate();
  if (!account.core) {
    const isSimulator = account.upstream.kind === "simulator";
    return (
      <Note
        tone="idle"
        icon="info-circle"
        title={
          isSimulator ? message("account.login_none_needed") : message("account.login_elsewhere")
        }
      />
    );
  }
  return (
    <div style={{ maxWidth: 640 }}>
      <Options label={words.t("account.tab_login")}>
        <OptionRow
          title={message("account.login_page")}
          meaning={message("account.login_page_meaning")}
          control={() => (
            <Button
              onClick={() =>
                void navigate({
                  to: "/accounts/$account/login",
                  params: { account: account.name },
                })
              }
            >
              {words.t("account.open")}
            </Button>
          )}
        />
        <Backup account={account} />
      </Options>
      <Forget account={account} />
    </div>
  );
}

function Backup({ account }: { account: AccountStatus }) {
  const words = useWords();
  const isLive = useIsLive();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const backup = useCall("login_backup", { account: account.name });
  const made = backup.data?.made_ms ?? null;
  const when = made === null ? "" : time(words, made, now);
  const meaning =
    made === null ? message("account.backup_none") : message("account.backup_made", { when });
  return (
    <OptionRow
      title={message("account.backup")}
      meaning={backup.data ? meaning : undefined}
      problem={backup.error ? problemOf(backup.error) : null}
      control={(described) => (
        <>
          <Button
            aria-describedby={described["aria-describedby"]}
            disabled={!isLive || made === null}
            onClick={() => setAsking(true)}
          >
            {words.t("qr.restore")}
          </Button>
          <RestoreDialog
            account={account.name}
            made={when}
            opened={asking}
            onClose={() => setAsking(false)}
          />
        </>
      )}
    />
  );
}

function Forget({ account }: { account: AccountStatus }) {
  const words = useWords();
  const isLive = useIsLive();
  const [asking, setAsking] = useState(false);
  const [result, setResult] = useState<Result | null>(null);
  const forget = useDo("login_forget", ["login_backup"]);
  const agree = async () => {
    try {
      const applied = await forget.run({ account: account.name });
      setResult({ said: message("account.forgotten"), pending: applied.pending });
      setAsking(false);
    } catch {
      // The dialog says why.
    }
  };
  return (
    <>
      <div style={{ marginTop: 12 }}>
        <Options label={words.t("account.forget")}>
          <OptionRow
            title={message("account.forget")}
            meaning={message("account.forget_meaning")}
            control={() => (
              <Button c="bad" disabled={!isLive} onClick={() => setAsking(true)}>
                {words.t("account.forget_verb")}
              </Button>
            )}
          />
        </Options>
      </div>
      <ResultLine result={result} />
      <Decision
        danger
        opened={asking}
        title={words.t("account.forget_question", { account: nameOf(account) })}
        verb={words.t("account.forget_verb")}
        running={forget.running}
        problem={forget.problem}
        onAgree={() => void agree()}
        onClose={() => setAsking(false)}
      >
        {words.t("account.forget_meaning")}
      </Decision>
    </>
  );
}
