/** One client beside the list: how to connect it, who is connected, its settings. */
import { Button, Tabs, Tooltip } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useLayoutEffect, useState } from "react";
import { Connect } from "../../components/connect";
import { Drawer } from "../../components/drawer";
import { Note, ProblemNote, StateNote } from "../../components/note";
import { Switch } from "../../components/option";
import { Empty, Late } from "../../components/page";
import { StatePill } from "../../components/state";
import { addressOf, clientStanding } from "../../state/client";
import type { Standing } from "../../state/standing";
import { useDo } from "../../store/calls";
import { useAccount, useIsLive, useView } from "../../store/context";
import { useNow } from "../../store/ticker";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { Connections } from "./connections";
import classes from "./drawer.module.css";
import { kindWord } from "./kind";
import { RemoveDialog } from "./remove";
import { ClientSettingsTab } from "./settings";

/** A client that was just added may not be in the snapshot yet. */
const JUST_ADDED_MS = 1000;

export type Tab = "connect" | "connections" | "settings";

type Props = {
  account: string;
  client: string;
  tab: string | undefined;
  onClose: () => void;
};

/** The tab of the address, as far as this kind of client has it. */
function tabOf(tab: string | undefined, isLeased: boolean): Tab {
  if (isLeased) return "connections";
  return tab === "connections" || tab === "settings" ? tab : "connect";
}

/** What is well or goes on by itself is said by its pill. */
function needsNote({ tone, mend }: Standing): boolean {
  return tone === "bad" || tone === "you" || mend?.deed.do === "enable_client";
}

/** A button that leads to what is open already would do nothing. */
function leadsTo({ mend }: Standing, tab: Tab): boolean {
  return mend?.deed.do === "go" && mend.deed.to.endsWith(`?tab=${tab}`);
}

/** Stays while the rows are walked through. */
export function ClientDrawer(props: Props) {
  const { client: name, onClose } = props;
  const words = useWords();
  const account = useAccount(props.account);
  const client = account?.clients.find((one) => one.name === name);
  const known = useView((view) => view.status !== null);
  if (!account || !client) {
    return (
      <Drawer label={harmless(name)} head={<b>{harmless(name)}</b>} onClose={onClose}>
        {known ? (
          <Late after={JUST_ADDED_MS}>
            <Empty title={words.t("client.gone")} />
          </Late>
        ) : null}
      </Drawer>
    );
  }
  return <Open {...props} account={account} client={client} />;
}

type OpenProps = Omit<Props, "account" | "client"> & {
  account: NonNullable<ReturnType<typeof useAccount>>;
  client: NonNullable<ReturnType<typeof useAccount>>["clients"][number];
};

function Open({ account, client, tab: asked, onClose }: OpenProps) {
  const words = useWords();
  const navigate = useNavigate();
  const isLive = useIsLive();
  const now = useNow();
  const enabling = useDo("set_client_enabled");
  const cutting = useDo("client_cut");
  const [removing, setRemoving] = useState(false);
  const [{ forget: forgetEnabling }, { forget: forgetCutting }] = [enabling, cutting];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another client is none of what went before
  useLayoutEffect(() => {
    forgetEnabling();
    forgetCutting();
  }, [account.name, client.name, forgetEnabling, forgetCutting]);
  const names = { account: account.name, client: client.name };
  const isLeased = client.kind === "leased";
  const tab = tabOf(asked, isLeased);
  const standing = clientStanding(client, { account: account.name, online: account.online }, now);
  const title = isLeased ? words.t("client.leased") : harmless(client.name);
  const facts = [
    harmless(account.name),
    words.say(kindWord(client.kind)),
    addressOf(client) ?? (isLeased ? words.t("client.on_demand") : null),
  ];
  const show = (next: string | null) =>
    void navigate({
      to: "/clients/$account/$client",
      params: names,
      search: (kept) => ({ ...kept, tab: next ?? "connect" }),
      replace: true,
    });
  const isHere = leadsTo(standing, tab);
  // Beside the lines to copy stands who was turned away: it is not said twice.
  const isSaidBelow = isHere && tab === "connect";
  const why = isLive ? "" : words.t("app.not_now");
  const problem = enabling.problem ?? cutting.problem;

  const head = (
    <>
      <div className={classes["head"]}>
        <h2 className={classes["title"]}>
          <bdi>{title}</bdi>
        </h2>
        <span data-frozen={!isLive}>
          <StatePill standing={standing} />
        </span>
        {isLeased ? null : (
          <Tooltip label={why} disabled={isLive}>
            <span className={classes["switch"]}>
              <Switch
                aria-label={words.t("client.enabled")}
                checked={client.enabled}
                disabled={!isLive || enabling.running}
                onChange={(enabled) => void enabling.run({ ...names, enabled }).catch(() => null)}
              />
            </span>
          </Tooltip>
        )}
      </div>
      <p className={classes["facts"]}>{facts.filter((fact) => fact !== null).join(" · ")}</p>
    </>
  );
  const foot = isLeased ? null : (
    <>
      <Button variant="subtle" color="bad" disabled={!isLive} onClick={() => setRemoving(true)}>
        <span className={classes["remove"]}>{words.t("client.remove")}</span>
      </Button>
      <span className="grow" />
      <Button
        disabled={!isLive || client.connections.length === 0}
        loading={cutting.running}
        onClick={() => void cutting.run(names).catch(() => null)}
      >
        {words.t("client.cut_all")}
      </Button>
    </>
  );
  return (
    <Drawer label={title} head={head} foot={foot} onClose={onClose}>
      <Tabs value={tab} onChange={show} keepMounted={false}>
        <Tabs.List className={classes["tabs"] ?? ""}>
          {isLeased ? null : <Tabs.Tab value="connect">{words.t("client.tab_connect")}</Tabs.Tab>}
          <Tabs.Tab value="connections">{words.t("client.tab_connections")}</Tabs.Tab>
          {isLeased ? null : <Tabs.Tab value="settings">{words.t("client.tab_settings")}</Tabs.Tab>}
        </Tabs.List>
        {problem ? (
          <div className={classes["problem"]}>
            <ProblemNote problem={problem} />
          </div>
        ) : null}
        {client.remarks.map((remark) => (
          <div key={remark.code} className={classes["problem"]}>
            <Note
              tone="you"
              icon="alert-triangle"
              title={remark}
              action={
                tab === "settings" ? null : (
                  <Button onClick={() => show("settings")}>{words.t("state.do_settings")}</Button>
                )
              }
            />
          </div>
        ))}
        {needsNote(standing) && !isSaidBelow ? (
          <div className={classes["problem"]}>
            <StateNote standing={isHere ? { ...standing, mend: null } : standing} />
          </div>
        ) : null}
        <div key={`${account.name}/${client.name}`} className={classes["panel"]}>
          <Tabs.Panel value="connect">
            <Connect {...names} />
          </Tabs.Panel>
          <Tabs.Panel value="connections">
            <Connections account={account.name} client={client} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <ClientSettingsTab {...names} />
          </Tabs.Panel>
        </div>
      </Tabs>
      {removing ? (
        <RemoveDialog
          {...names}
          connections={client.connections.length}
          onClose={() => setRemoving(false)}
          onRemoved={onClose}
        />
      ) : null}
    </Drawer>
  );
}
