/** The installed versions: where each is from, who runs it, what can be done with it. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Note, ProblemNote } from "../../components/note";
import type { Result } from "../../components/option";
import { StatePill, Tag } from "../../components/state";
import type { CoreVersion, CoreVoucher, Message } from "../../generated/schema";
import { standing } from "../../state/standing";
import { useDo } from "../../store/calls";
import { useIsLive, useStatus } from "../../store/context";
import { useNow } from "../../store/ticker";
import { bytes, time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import classes from "./core.module.css";
import { useVerbs, type Verbs } from "./use-verbs";
import { VersionMenu } from "./version-menu";

const CURRENT = standing("ok", "circle-check", message("cores.current"));

type Props = { versions: CoreVersion[]; onResult: (result: Result | null) => void };

/** Newest first. */
export function Installed({ versions, onResult }: Props) {
  const words = useWords();
  const verbs = useVerbs(versions, onResult);
  return (
    <section>
      <h2 className="section-title">{words.t("cores.installed")}</h2>
      <div className="card">
        <table className={classes["table"]} aria-label={words.t("cores.installed")}>
          <thead>
            <tr>
              <th data-column="version">{words.t("cores.version")}</th>
              <th data-column="commit">{words.t("cores.commit")}</th>
              <th data-column="from">{words.t("cores.from")}</th>
              <th data-column="size">{words.t("cores.size")}</th>
              <th data-column="installed">{words.t("cores.installed_at")}</th>
              <th data-column="verbs">
                <span className="unseen">{words.t("cores.verbs")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version) => (
              <Row key={version.id} version={version} verbs={verbs} />
            ))}
          </tbody>
        </table>
      </div>
      {verbs.changed ? <Changed {...verbs.changed} /> : null}
      {verbs.problem ? (
        <div className={classes["below"]}>
          <ProblemNote problem={verbs.problem} />
        </div>
      ) : null}
    </section>
  );
}

/** The accounts whose cores run a version now. */
function useUsers({ id, in_use_by: told }: CoreVersion): string[] {
  const accounts = useStatus()?.accounts;
  if (!accounts) return told;
  return accounts
    .filter(({ core }) => core?.process && core.version === id)
    .map(({ name }) => name);
}

function Row({ version, verbs }: { version: CoreVersion; verbs: Verbs }) {
  const words = useWords();
  const now = useNow();
  const users = useUsers(version);
  const { id, commit, origin, voucher, size, installed_at: at } = version;
  return (
    <tr>
      <td data-column="version">
        <span className={classes["version"]}>
          <span className="mono medium">{id}</span>
          {version.current ? <StatePill standing={CURRENT} /> : null}
          {version.previous ? <Tag message={message("cores.previous")} /> : null}
          {users.map((account) => (
            <Tag key={account} message={message("signers.used_by", { account })} />
          ))}
        </span>
      </td>
      <td data-column="commit" className="mono faint">
        {commit?.slice(0, 8) ?? <span aria-hidden>{NOTHING}</span>}
      </td>
      <td data-column="from" title={origin}>
        {origin}
        {voucher === null ? null : (
          <span className={classes["voucher"]}>{words.say({ code: VOUCHERS[voucher] })}</span>
        )}
      </td>
      <td data-column="size">{bytes(size)}</td>
      <td data-column="installed">{time(words, Date.parse(at), now)}</td>
      <td data-column="verbs">
        <span className={classes["verbs"]}>
          <MainVerb version={version} verbs={verbs} />
          <VersionMenu version={version} users={users} verbs={verbs} />
        </span>
      </td>
    </tr>
  );
}

const NOTHING = "–";

const VOUCHERS: Record<CoreVoucher, Code> = {
  release: "cores.vouched_release",
  pinned: "cores.vouched_pinned",
  person: "cores.vouched_person",
};

function MainVerb({ version, verbs }: { version: CoreVersion; verbs: Verbs }) {
  const words = useWords();
  const isLive = useIsLive();
  const { id, current, previous } = version;
  const running = verbs.running === id;
  if (current) {
    return (
      <Button size="xs" loading={running} disabled={!isLive} onClick={() => verbs.verify(id)}>
        {words.t("cores.verify")}
      </Button>
    );
  }
  return (
    <Button size="xs" loading={running} disabled={!isLive} onClick={() => verbs.use(id)}>
      {words.t(previous ? "cores.go_back" : "cores.use")}
    </Button>
  );
}

/** A version that is not what was installed any more. */
function Changed({ id, problem }: { id: string; problem: Message }) {
  const words = useWords();
  const isLive = useIsLive();
  const install = useDo("core_install", ["core_list"]);
  const [begun, setBegun] = useState(false);
  if (begun) return null;
  const again = async () => {
    const job = await install.run({}).catch(() => null);
    if (job) setBegun(true);
  };
  return (
    <div className={classes["below"]}>
      <Note
        alert
        tone="bad"
        icon="file-alert"
        title={message("cores.changed", { version: id })}
        action={
          <Button
            variant="filled"
            loading={install.running}
            disabled={!isLive}
            onClick={() => void again()}
          >
            {words.t("state.do_install_again")}
          </Button>
        }
      >
        <p>
          <Said alone message={problem} />
        </p>
        {install.problem ? (
          <p>
            <Said alone message={install.problem} />
          </p>
        ) : null}
      </Note>
    </div>
  );
}
