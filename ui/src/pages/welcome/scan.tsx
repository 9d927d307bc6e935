/** Step 3 of a QQ account: the login, as its own page shows it. */
import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import { Note } from "../../components/note";
import { Late } from "../../components/page";
import type { AccountStatus } from "../../generated/schema";
import { useAccount, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import { useHead } from "../login/head";
import { useLeave } from "../login/use-leave";
import { LoginView } from "../login/view";
import type { Journey } from "./journey";
import { StepFrame } from "./step";

/** The bot can be connected before the account is online. */
export function ScanStep({ journey }: { journey: Journey }) {
  const words = useWords();
  const account = useAccount(journey.account ?? "");
  const known = useStatus() !== null;
  if (account) return <Scan journey={journey} account={account} />;
  return (
    <StepFrame
      journey={journey}
      title={words.t("qr.log_in")}
      next={
        known ? { run: () => journey.go("signer"), word: words.t("app.back"), alone: true } : null
      }
    >
      {known ? (
        <Note tone="idle" icon="info-circle" title={message("welcome.no_account_yet")} />
      ) : (
        <Late>
          <Skeleton width={336} height={336} radius="xl" />
        </Late>
      )}
    </StepFrame>
  );
}

function Scan({ journey, account }: { journey: Journey; account: AccountStatus }) {
  const words = useWords();
  const head = useHead(account);
  const [isDone, setIsDone] = useState(false);
  const goOn = () => journey.go("connect");
  useLeave(isDone, goOn);
  const isOnline = account.core?.state === "online";
  return (
    <StepFrame
      journey={journey}
      title={head.title}
      line={head.line}
      lead={head.lead}
      wide
      next={{ run: goOn, alone: true, quiet: !isOnline }}
    >
      <LoginView
        account={account}
        onDone={() => setIsDone(true)}
        next={
          <Button size="lg" onClick={goOn}>
            {words.t("qr.connect_bot")}
          </Button>
        }
      />
    </StepFrame>
  );
}
