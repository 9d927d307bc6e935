/** QQ said no: the most likely cause with its proof, the way out, and QQ's own words. */
import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useDeed } from "../../components/deed";
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import { ProblemNote } from "../../components/note";
import { Late } from "../../components/page";
import type { CoreRefusal, CoreStatus } from "../../generated/schema";
import { problemOf, useCall, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { BackupLine } from "./backup";
import { type Known, knownCause } from "./causes";
import { evidenceOf, type Fact } from "./evidence";
import classes from "./login.module.css";

type ServerRefusal = Extract<CoreRefusal, { kind: "server" }>;

/** Logs in as things are, or after a change of the account. */
function useWayOut(account: string) {
  const login = useDo("login");
  const edit = useDo("account_edit", ["account_settings"]);
  const again = () => login.run({ account }).then(() => undefined);
  return {
    again: () => void again().catch(() => undefined),
    change: (change: Parameters<typeof edit.run>[0]["change"]) =>
      void edit
        .run({ account, change })
        .then(again)
        .catch(() => undefined),
    running: login.running || edit.running,
    problem: edit.problem ?? login.problem,
  };
}

type WayOut = ReturnType<typeof useWayOut>;

type Props = { account: string; core: CoreStatus; refusal: ServerRefusal };

/** What the page shows while QQ's answer to the last login is no. */
export function Refused({ account, core, refusal }: Props) {
  const words = useWords();
  const known = knownCause(refusal.code);
  return (
    <div className={classes["refused"]}>
      {known ? (
        <>
          <SignerCard account={account} core={core} known={known} />
          <h2 className="section-title">{words.t("qr.if_not")}</h2>
          <ul className="sm">
            {known.others.map(({ icon, text }) => (
              <Cause key={text.code} icon={icon}>
                <Said message={text} />
              </Cause>
            ))}
            <Cause icon="message-2">
              <QqsWords text={refusal.message} />
            </Cause>
          </ul>
        </>
      ) : (
        <UnknownCard account={account} refusal={refusal} />
      )}
      <BackupLine account={account} />
    </div>
  );
}

function Cause({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <li className={classes["cause"]}>
      <Icon name={icon} size={16} />
      <span>{children}</span>
    </li>
  );
}

function QqsWords({ text }: { text: string }) {
  return <Said message={message("qr.in_qqs_words", { text })} />;
}

function SignerCard({ account, core, known }: { account: string; core: CoreStatus; known: Known }) {
  const words = useWords();
  const open = useDeed();
  const signers = useCall("signer_list", {});
  const settings = useCall("account_settings", { account });
  const out = useWayOut(account);
  const title = (
    <h2>
      <Said message={known.title} />
    </h2>
  );
  if (signers.error) {
    return (
      <section className={`card ${classes["reason"]}`}>
        {title}
        <ProblemNote problem={problemOf(signers.error)} again={() => void signers.refetch()} />
        <Ways out={out}>
          <AgainAsItIs out={out} />
        </Ways>
      </section>
    );
  }
  if (!signers.data || settings.isPending) {
    return (
      <section className={`card ${classes["reason"]}`}>
        {title}
        <Late>
          <Skeleton height={20} mt={8} />
          <Skeleton height={108} mt={12} />
        </Late>
      </section>
    );
  }
  const protocol = settings.data?.core?.protocol ?? null;
  const { reason, facts, better } = evidenceOf(core, signers.data, protocol);
  const other = settings.data ? better : null;
  const order = settings.data?.core?.signers ?? signers.data.map(({ name }) => name);
  const use = (name: string) =>
    out.change({ signers: [name, ...order.filter((other) => other !== name)] });
  return (
    <section className={`card ${classes["reason"]}`}>
      {title}
      <p className="quiet">
        <Said message={reason} />
      </p>
      <Facts facts={facts} />
      <Ways out={out}>
        {other === null ? null : (
          <Way out={out} look="filled" run={() => use(other)}>
            {words.t("qr.use_signer", { signer: other })}
          </Way>
        )}
        <Button
          size="lg"
          variant={other === null ? "filled" : "default"}
          onClick={() => void open({ do: "open_signers", account, add: false })}
        >
          {words.t("qr.manage_signers")}
        </Button>
        <AgainAsItIs out={out} />
      </Ways>
    </section>
  );
}

function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes["facts"]}>
      {facts.map(({ key, who, version, verdict }) => (
        <div key={key} className={classes["fact"]}>
          <dt className="faint">
            <Said message={who} />
          </dt>
          <dd className={version === null ? "faint" : "mono"}>
            {version ?? <Said message={message("qr.not_told")} />}
          </dd>
          <dd data-tone={verdict?.tone ?? "idle"} className={classes["verdict"]}>
            {verdict?.icon ? <Icon name={verdict.icon} size={16} /> : null}
            {verdict ? (
              <span>
                <Said message={verdict.text} />
              </span>
            ) : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

type WayProps = {
  out: WayOut;
  run: () => void;
  look?: "filled" | "default" | "subtle";
  children: ReactNode;
};

/** One way out; all of them wait while one is being gone. */
function Way({ out, run, look = "default", children }: WayProps) {
  const isLive = useIsLive();
  return (
    <Button
      size="lg"
      variant={look}
      {...(look === "subtle" ? { c: "var(--text-2)" } : {})}
      loading={out.running}
      disabled={!isLive}
      onClick={run}
    >
      {children}
    </Button>
  );
}

/** The ways out side by side, and why the last one was none. */
function Ways({ out, children }: { out: WayOut; children: ReactNode }) {
  return (
    <>
      <div className={classes["ways"]}>{children}</div>
      {out.problem ? <ProblemNote problem={out.problem} /> : null}
    </>
  );
}

function AgainAsItIs({ out }: { out: WayOut }) {
  const words = useWords();
  return (
    <>
      <span className="grow" />
      <Way out={out} look="subtle" run={out.again}>
        {words.t("qr.again_as_it_is")}
      </Way>
    </>
  );
}

function UnknownCard({ account, refusal }: { account: string; refusal: ServerRefusal }) {
  const words = useWords();
  const out = useWayOut(account);
  return (
    <section className={`card ${classes["reason"]}`}>
      <h2>
        <QqsWords text={refusal.message} />
      </h2>
      <p className="quiet">{words.t("qr.unknown_code", { code: refusal.code })}</p>
      <Ways out={out}>
        <Way out={out} look="filled" run={out.again}>
          {words.t("qr.log_in_again")}
        </Way>
      </Ways>
    </section>
  );
}

type WrongProps = { account: string; refusal: Extract<CoreRefusal, { kind: "wrong_account" }> };

type WrongSessionProps = {
  account: string;
  refusal: Extract<CoreRefusal, { kind: "wrong_session" }>;
};

/** The saved session is somebody else's; it was not tried. */
export function WrongSession({ account, refusal }: WrongSessionProps) {
  const words = useWords();
  const out = useWayOut(account);
  const { found, expected } = refusal;
  return (
    <div className={classes["refused"]}>
      <section className={`card ${classes["reason"]}`}>
        <p>{words.t("qr.wrong_session", { found, expected })}</p>
        <Ways out={out}>
          <Way out={out} look="filled" run={() => out.change({ uin: found })}>
            {words.t("qr.take_scanned", { scanned: found })}
          </Way>
        </Ways>
      </section>
      <BackupLine account={account} />
    </div>
  );
}

/** Somebody else logged in. */
export function WrongAccount({ account, refusal }: WrongProps) {
  const words = useWords();
  const out = useWayOut(account);
  const { scanned, expected } = refusal;
  return (
    <div className={classes["refused"]}>
      <section className={`card ${classes["reason"]}`}>
        <p>{words.t("qr.wrong_logged_in", { scanned, expected })}</p>
        <Ways out={out}>
          <Way out={out} look="filled" run={out.again}>
            {words.t("qr.scan_anew")}
          </Way>
          <Way out={out} run={() => out.change({ uin: scanned })}>
            {words.t("qr.take_scanned", { scanned })}
          </Way>
        </Ways>
      </section>
      <BackupLine account={account} />
    </div>
  );
}
