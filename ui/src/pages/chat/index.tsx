/** Chat: people of a simulator talk to the bots, without QQ. */
import { Button, Select, Skeleton } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Note, ProblemNote } from "../../components/note";
import { Empty, Late, Page } from "../../components/page";
import { Seg } from "../../components/seg";
import type { AccountStatus } from "../../generated/schema";
import { useDo } from "../../store/calls";
import { useIsLive, useView } from "../../store/context";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { message } from "../../words/words";
import { SimulatorPage } from "./simulator";

/** More accounts than this are chosen from a list. */
const SIDE_BY_SIDE = 3;

const NONE: AccountStatus[] = [];

function sameItems<T>(a: T[] | null, b: T[] | null): boolean {
  return (
    a === b || (a?.length === b?.length && (a ?? []).every((item, place) => item === b?.[place]))
  );
}

/** The simulator of the address, else the first there is. */
export function Chat() {
  const words = useWords();
  const { account: named } = useParams({ strict: false });
  const simulators = useView(
    (view) => view.status?.accounts.filter(({ upstream }) => upstream.kind === "simulator") ?? null,
    sameItems,
  );
  const account = simulators?.find(({ name }) => name === named) ?? simulators?.[0];
  const title = words.t("app.chat");
  if (!account) {
    return (
      <Page title={title} line={words.t("talk.about")}>
        {simulators ? (
          <NoSimulator />
        ) : (
          <Late>
            <Skeleton height={320} />
          </Late>
        )}
      </Page>
    );
  }
  const choice = <SimulatorChoice accounts={simulators ?? NONE} current={account.name} />;
  if (!account.enabled) {
    return (
      <Page title={title} actions={choice}>
        <Disabled account={account.name} />
      </Page>
    );
  }
  // A simulator that has begun anew counts its lines from 1 again.
  const start = account.upstream.since_ms;
  return (
    <SimulatorPage
      key={`${account.name} ${start}`}
      account={account.name}
      start={start}
      title={title}
      choice={choice}
    />
  );
}

function SimulatorChoice({ accounts, current }: { accounts: AccountStatus[]; current: string }) {
  const words = useWords();
  const navigate = useNavigate();
  if (accounts.length < 2) return null;
  const label = words.t("talk.simulators");
  const options = accounts.map(({ name }) => ({ value: name, label: harmlessName(name) }));
  const choose = (account: string | null) => {
    if (account) void navigate({ to: "/chat/$account/$chat", params: { account, chat: "first" } });
  };
  return accounts.length <= SIDE_BY_SIDE ? (
    <Seg label={label} value={current} options={options} onChange={choose} />
  ) : (
    <Select aria-label={label} value={current} data={options} onChange={choose} />
  );
}

function NoSimulator() {
  const words = useWords();
  const isLive = useIsLive();
  const navigate = useNavigate();
  const { run, running, problem } = useDo("account_add");
  const add = async () => {
    const added = await run({ upstream: { kind: "simulator" } }).catch(() => null);
    if (!added) return;
    await navigate({
      to: "/chat/$account/$chat",
      params: { account: added.account, chat: "first" },
    });
  };
  const button = (
    <Button
      variant="filled"
      size="lg"
      loading={running}
      disabled={!isLive}
      onClick={() => void add()}
    >
      {words.t("talk.add")}
    </Button>
  );
  return (
    <Empty title={words.t("talk.none")} action={button}>
      <p>{words.t("talk.none_about")}</p>
      {problem ? <ProblemNote problem={problem} /> : null}
    </Empty>
  );
}

function Disabled({ account }: { account: string }) {
  const words = useWords();
  const isLive = useIsLive();
  const { run, running, problem } = useDo("set_account_enabled");
  const enable = () => void run({ account, enabled: true }).catch(() => null);
  const button = (
    <Button variant="filled" loading={running} disabled={!isLive} onClick={enable}>
      {words.t("talk.enable")}
    </Button>
  );
  return (
    <>
      <Note tone="idle" icon="player-pause" title={message("talk.disabled")} action={button} />
      {problem ? <ProblemNote problem={problem} /> : null}
    </>
  );
}
