/** What is worth knowing beside the versions: one was rolled back, or is not in use everywhere yet. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Ask } from "../../components/ask";
import { CoreNotice } from "../../components/core-notice";
import { Note } from "../../components/note";
import type { AccountStatus, CoreVersion, Message } from "../../generated/schema";
import { holds } from "../../state/standing";
import { problemOf } from "../../store/calls";
import { useIsLive, usePlatform, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";

/** Notices of cores are told on the pages of accounts; those about versions belong here, too. */
const ABOUT_VERSIONS = ["core.rolled_back", "core.rollback_failed"];

export function Notices({ installed }: { installed: CoreVersion[] }) {
  const accounts = useStatus()?.accounts ?? [];
  const told = accounts.flatMap(({ core }) =>
    core?.notice && holds(core.notice, ...ABOUT_VERSIONS) ? [core.notice] : [],
  );
  const different = new Map(told.map((notice) => [JSON.stringify(notice), notice]));
  const current = installed.find((version) => version.current);
  const behind = accounts.filter(
    ({ core }) => current && core?.process && core.version !== null && core.version !== current.id,
  );
  return (
    <>
      {[...different].map(([key, notice]) => (
        <CoreNotice key={key} notice={notice} />
      ))}
      {current && behind.length > 0 ? <Behind accounts={behind} current={current.id} /> : null}
    </>
  );
}

/** Cores that run go on with the version that they were started with. */
function Behind({ accounts, current }: { accounts: AccountStatus[]; current: string }) {
  const words = useWords();
  const platform = usePlatform();
  const isLive = useIsLive();
  const [asked, setAsked] = useState(false);
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<Message | null>(null);
  const connected = accounts
    .filter(({ online }) => online)
    .flatMap(({ clients }) => clients)
    .filter(({ connections }) => connections.length > 0).length;
  const names = words.list(accounts.map(({ name }) => name));
  const restart = async () => {
    setRunning(true);
    setProblem(null);
    try {
      await Promise.all(accounts.map(({ name }) => platform.call("restart", { account: name })));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setRunning(false);
  };
  return (
    <>
      <Note
        tone="you"
        icon="history"
        title={message("cores.behind", {
          count: accounts.length,
          accounts: names,
          version: current,
        })}
        action={
          <Button
            loading={running}
            disabled={!isLive}
            onClick={() => (connected > 0 ? setAsked(true) : void restart())}
          >
            {words.t("state.do_restart")}
          </Button>
        }
      >
        {problem ? (
          <span role="alert">
            <Said alone message={problem} />
          </span>
        ) : null}
      </Note>
      <Ask
        opened={asked}
        title={message("state.do_restart")}
        question={message("account.leave_count", { count: connected })}
        verb={message("state.do_restart")}
        onConfirm={() => void restart()}
        onClose={() => setAsked(false)}
      />
    </>
  );
}
