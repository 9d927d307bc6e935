/** A login as it goes on: what has to be done now, and how far it is. The first run shows the same. */
import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { Icon } from "../../components/icon";
import { JobStrip } from "../../components/installation";
import { MendButton } from "../../components/mend";
import { Note, ProblemNote, StateNote } from "../../components/note";
import type { AccountStatus, CoreRefusal, CoreStatus, QrCode } from "../../generated/schema";
import { coreStanding } from "../../state/core";
import { never } from "../../state/standing";
import { useDo } from "../../store/calls";
import { useIsLive, useView } from "../../store/context";
import { useNow } from "../../store/ticker";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { isRestorable } from "../account/restorable";
import { SetAsideNote } from "../account/set-aside";
import { BackupLine } from "./backup";
import { LastLines } from "./last-lines";
import classes from "./login.module.css";
import { ProgressList } from "./progress-list";
import { Refused, WrongAccount, WrongSession } from "./refused";
import { CodeSquare, ConfirmSquare, PlainSquare } from "./square";
import { Timer } from "./timer";
import { useLeftAlone } from "./use-left-alone";

/** When the present state of the core was received: "in 98 s" counts from there. */
function useReceived(account: string): number {
  return useView((view) => view.times[account]?.core ?? view.snapshotAt);
}

/** The code that was shown last, for as long as the login goes on. */
function useLastCode(core: CoreStatus): QrCode | null {
  const last = useRef<QrCode | null>(null);
  if (core.state === "waiting_for_scan") last.current = core.qr;
  else if (core.state !== "waiting_for_confirm") last.current = null;
  return last.current;
}

type Props = {
  account: AccountStatus;
  /** What comes after a login that worked. */
  next: ReactNode;
  /** Called once, when the account came online while somebody watched. */
  onDone?: () => void;
};

/** An account without a core of ours logs in elsewhere. */
export function LoginView({ account, next, onDone }: Props) {
  const { core } = account;
  if (!core) {
    return <Note tone="idle" icon="info-circle" title={message("qr.elsewhere")} />;
  }
  return <CoreLogin account={account} core={core} next={next} onDone={onDone} />;
}

type CoreProps = Omit<Props, "onDone"> & { core: CoreStatus; onDone: (() => void) | undefined };

function CoreLogin({ account, core, next, onDone }: CoreProps) {
  const leftAlone = useLeftAlone();
  const before = useRef(core.state);
  useEffect(() => {
    if (core.state === "online" && before.current !== "online") onDone?.();
    before.current = core.state;
  }, [core.state, onDone]);

  if (core.state === "refused") {
    return <RefusedLogin account={account.name} core={core} refusal={core.refusal} />;
  }
  const square = <Square account={account.name} core={core} next={next} leftAlone={leftAlone} />;
  return hasSquare(core) ? (
    <div className={classes["login"]}>
      <div>{square}</div>
      <div>
        {core.set_aside.length > 0 ? (
          <div className={classes["aside"]}>
            <SetAsideNote account={account} />
          </div>
        ) : null}
        {asksForScan(core) ? <How /> : null}
        <ProgressList core={core} />
        {isRestorable(account) ? null : <BackupLine account={account.name} />}
      </div>
    </div>
  ) : (
    <div className={classes["single"]}>
      <Standstill account={account} core={core} />
      <BackupLine account={account.name} />
    </div>
  );
}

type RefusedLoginProps = { account: string; core: CoreStatus; refusal: CoreRefusal };

function RefusedLogin({ account, core, refusal }: RefusedLoginProps) {
  switch (refusal.kind) {
    case "server":
      return <Refused account={account} core={core} refusal={refusal} />;
    case "wrong_account":
      return <WrongAccount account={account} refusal={refusal} />;
    case "wrong_session":
      return <WrongSession account={account} refusal={refusal} />;
    default:
      return never(refusal);
  }
}

/** The states that stand at the left, beside the steps. */
function hasSquare(core: CoreStatus): boolean {
  switch (core.state) {
    case "waiting_for_scan":
    case "waiting_for_confirm":
    case "starting":
    case "kicked_offline":
    case "online":
      return true;
    case "braked":
      return core.reason === "nobody_scanned";
    default:
      return false;
  }
}

/** What a person has to do is told while there is something to do. */
function asksForScan(core: CoreStatus): boolean {
  return (
    core.state === "waiting_for_scan" ||
    core.state === "waiting_for_confirm" ||
    core.state === "braked"
  );
}

type SquareProps = {
  account: string;
  core: CoreStatus;
  next: ReactNode;
  leftAlone: ReturnType<typeof useLeftAlone>;
};

function Square({ account, core, next, leftAlone }: SquareProps) {
  const words = useWords();
  const now = useNow();
  const received = useReceived(account);
  const lastCode = useLastCode(core);
  switch (core.state) {
    case "waiting_for_scan": {
      const deadline = received + core.qr.expires_in_s * 1000;
      return (
        <>
          <CodeSquare qr={core.qr} deadline={deadline} leftAlone={leftAlone} />
          <Timer account={account} qr={core.qr} deadline={deadline} />
          <p className={classes["phone"]}>{words.t("qr.this_is_the_phone")}</p>
        </>
      );
    }
    case "waiting_for_confirm":
      if (core.expected !== null) return <WrongScan account={account} core={core} />;
      return <ConfirmSquare qr={lastCode} text={words.alone(confirmText(core.who))} />;
    case "online":
      return (
        <PlainSquare tone="ok" icon="circle-check">
          <p role="status">{words.t("qr.done")}</p>
          {next}
        </PlainSquare>
      );
    case "braked":
      return <NobodyScanned account={account} core={core} />;
    default: {
      const standing = coreStanding(account, core, { received, now });
      return (
        <PlainSquare tone={standing.tone} icon={standing.icon}>
          <p role="status">
            <Said message={standing.sentence ?? standing.word} />
          </p>
        </PlainSquare>
      );
    }
  }
}

function confirmText(who: number | null) {
  return who === null
    ? message("core.waiting_for_confirm")
    : message("core.waiting_for_confirm_of", { who: String(who) });
}

/** The code was scanned with another account than the settings want. */
function WrongScan({ account, core }: { account: string; core: CoreStatus }) {
  const now = useNow();
  const received = useReceived(account);
  const { tone, icon, sentence, word, mend } = coreStanding(account, core, { received, now });
  return (
    <PlainSquare tone={tone} icon={icon}>
      <p role="alert">
        <Said message={sentence ?? word} />
      </p>
      {mend ? <MendButton mend={mend} primary /> : null}
    </PlainSquare>
  );
}

function NobodyScanned({ account, core }: { account: string; core: CoreStatus }) {
  const words = useWords();
  const isLive = useIsLive();
  const now = useNow();
  const received = useReceived(account);
  const login = useDo("login");
  const standing = coreStanding(account, core, { received, now });
  return (
    <>
      <PlainSquare tone={standing.tone} icon={standing.icon}>
        <p role="status">
          <Said message={standing.sentence ?? standing.word} />
        </p>
        <Button
          size="lg"
          variant="filled"
          loading={login.running}
          disabled={!isLive}
          leftSection={<Icon name="qrcode" />}
          onClick={() => void login.run({ account }).catch(() => undefined)}
        >
          {words.t("qr.get_code")}
        </Button>
      </PlainSquare>
      {login.problem ? <ProblemNote problem={login.problem} /> : null}
    </>
  );
}

function How() {
  const words = useWords();
  return (
    <>
      <ol className={classes["how"]}>
        <li>{words.t("qr.how_open")}</li>
        <li>{words.t("qr.how_scan")}</li>
        <li>{words.t("qr.how_confirm")}</li>
      </ol>
      <div className={classes["secret"]}>
        <Icon name="eye-off" size={16} />
        <p>{words.t("qr.secret")}</p>
      </div>
    </>
  );
}

/** No login goes on: what stands in the way, and the button that ends it. */
function Standstill({ account, core }: { account: AccountStatus; core: CoreStatus }) {
  const now = useNow();
  const received = useReceived(account.name);
  if (core.state === "installing") return <JobStrip job={{ state: "running", ...core.progress }} />;
  return (
    <>
      <StateNote standing={coreStanding(account.name, core, { received, now })} />
      {core.state === "braked" ? <LastLines lines={core.last_lines} /> : null}
    </>
  );
}
