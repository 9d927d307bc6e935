/** `/accounts/$account`: the way to the bots, what happened, the login, the settings. */
import { Button, Skeleton, Tabs } from "@mantine/core";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Avatar } from "../../components/avatar";
import { CoreRemarks } from "../../components/core-notice";
import { Icon } from "../../components/icon";
import { ProblemNote, StateNote } from "../../components/note";
import { Empty, Late, Page } from "../../components/page";
import { StatePill } from "../../components/state";
import { Since } from "../../components/time";
import type { AccountStatus } from "../../generated/schema";
import { coreSince } from "../../state/core";
import { nameOf } from "../../state/headline";
import { useAccount, useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import classes from "./account.module.css";
import { kindWord } from "./kind";
import { LoginTab } from "./login-tab";
import { isRestorable } from "./restorable";
import { SetAsideNote } from "./set-aside";
import { SettingsTab } from "./settings-tab";
import { StatusTab } from "./status-tab";
import { useStanding } from "./use-standing";
import { useVerbs } from "./verbs";
import { Way } from "./way-picture";

export function Account() {
  const words = useWords();
  const { account: name } = useParams({ from: "/accounts/$account" });
  const account = useAccount(name);
  const known = useStatus() !== null;
  if (account) return <AccountPage key={name} account={account} />;
  return (
    <Page title={name}>
      {known ? (
        <Empty
          title={words.t("account.gone", { account: name })}
          action={
            <Button component={Link} to="/">
              {words.t("account.to_overview")}
            </Button>
          }
        >
          {words.t("account.gone_meaning")}
        </Empty>
      ) : (
        <Late>
          <Skeleton height={92} radius="lg" />
          <Skeleton height={32} mt={20} width={260} />
          <Skeleton height={180} mt={12} radius="lg" />
        </Late>
      )}
    </Page>
  );
}

function AccountPage({ account }: { account: AccountStatus }) {
  const words = useWords();
  const isLive = useIsLive();
  const standing = useStanding(account);
  const verbs = useVerbs(account);
  const choosesLogin = account.core?.state === "waiting_for_scan" && isRestorable(account);
  const isSimulator = account.upstream.kind === "simulator";
  const name = nameOf(account);
  const facts = [
    account.self_id === null ? null : String(account.self_id),
    name === account.name ? null : account.name,
    words.say(kindWord(account.upstream.kind)),
  ].filter((fact) => fact !== null);
  return (
    <Page
      title={name}
      lead={<Avatar name={name} colourBy={account.name} simulator={isSimulator} />}
      line={
        <span className={classes["line"]}>
          <span className={classes["frozen"]} data-frozen={!isLive}>
            <StatePill standing={standing} />
          </span>
          <span className="num">
            <Since
              at={
                standing.tone !== "ok" && account.core ? coreSince(account.core) : account.since_ms
              }
            />
            {` · ${facts.join(" · ")}`}
          </span>
        </span>
      }
      actions={verbs.buttons}
    >
      <div data-frozen={!isLive}>
        <div className={classes["now"]}>
          {verbs.problem ? <ProblemNote problem={verbs.problem} /> : null}
          {standing.tone === "ok" || standing.sentence === null || choosesLogin ? null : (
            <StateNote standing={standing} />
          )}
          <SetAsideNote
            account={account}
            second={choosesLogin ? <ScanInstead name={account.name} /> : null}
          />
          <CoreRemarks account={account} />
          <Way account={account} standing={standing} />
        </div>
        <AccountTabs account={account} />
      </div>
    </Page>
  );
}

/** The code stands on the page of the login. */
function ScanInstead({ name }: { name: string }) {
  const words = useWords();
  const navigate = useNavigate();
  const open = () => void navigate({ to: "/accounts/$account/login", params: { account: name } });
  return <Button onClick={open}>{words.t("account.set_aside_scan")}</Button>;
}

function AccountTabs({ account }: { account: AccountStatus }) {
  const words = useWords();
  const navigate = useNavigate();
  const { tab = "status" } = useSearch({ from: "/accounts/$account" });
  const open = (chosen: string | null) => {
    if (chosen !== "status" && chosen !== "login" && chosen !== "settings") return;
    void navigate({
      to: "/accounts/$account",
      params: { account: account.name },
      search: { tab: chosen },
      replace: true,
    });
  };
  return (
    <Tabs value={tab} onChange={open} keepMounted={false} mt={20}>
      <Tabs.List mb={16}>
        <Tabs.Tab value="status" leftSection={<Icon name="history" size={16} />}>
          {words.t("account.tab_status")}
        </Tabs.Tab>
        <Tabs.Tab value="login" leftSection={<Icon name="login" size={16} />}>
          {words.t("account.tab_login")}
        </Tabs.Tab>
        <Tabs.Tab value="settings" leftSection={<Icon name="settings" size={16} />}>
          {words.t("account.tab_settings")}
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="status">
        <StatusTab account={account} />
      </Tabs.Panel>
      <Tabs.Panel value="login">
        <LoginTab account={account} />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <SettingsTab account={account} />
      </Tabs.Panel>
    </Tabs>
  );
}
