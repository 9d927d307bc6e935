/** `/accounts/$account/login`: scan a code, see why QQ refused, get an earlier login back. */
import { Button, Skeleton } from "@mantine/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Icon } from "../../components/icon";
import { Empty, Late, Page } from "../../components/page";
import { StatePill } from "../../components/state";
import { useKey } from "../../components/use-key";
import type { AccountStatus } from "../../generated/schema";
import { nameOf } from "../../state/headline";
import { useAccount, useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { Name } from "../../words/said";
import { useStanding } from "../account/use-standing";
import { useHead } from "./head";
import classes from "./login.module.css";
import { useLeave } from "./use-leave";
import { LoginView } from "./view";

export function Login() {
  const words = useWords();
  const { account: name } = useParams({ from: "/accounts/$account/login" });
  const account = useAccount(name);
  const known = useStatus() !== null;
  if (account) return <LoginPage key={name} account={account} />;
  return (
    <Page title={words.t("qr.log_in")}>
      {known ? (
        <Empty
          title={words.t("account.gone", { account: name })}
          action={
            <Button component={Link} to="/">
              {words.t("account.to_overview")}
            </Button>
          }
        />
      ) : (
        <Late>
          <Skeleton width={336} height={336} radius="xl" />
        </Late>
      )}
    </Page>
  );
}

function LoginPage({ account }: { account: AccountStatus }) {
  const isLive = useIsLive();
  const navigate = useNavigate();
  const head = useHead(account);
  const standing = useStanding(account);
  const [isDone, setIsDone] = useState(false);
  const back = () => void navigate({ to: "/accounts/$account", params: { account: account.name } });
  useKey("Escape", back);
  useLeave(isDone, () => void navigate({ to: "/" }));
  return (
    <Page
      title={head.title}
      line={head.line}
      lead={head.lead}
      above={
        <Link className={classes["up"]} to="/accounts/$account" params={{ account: account.name }}>
          <Icon name="chevron-left" size={14} />
          <Name of={nameOf(account)} />
        </Link>
      }
      actions={account.core?.state === "refused" ? null : <StatePill standing={standing} />}
    >
      <div data-frozen={!isLive}>
        <LoginView
          account={account}
          onDone={() => setIsDone(true)}
          next={<Next account={account} />}
        />
      </div>
    </Page>
  );
}

function Next({ account }: { account: AccountStatus }) {
  const words = useWords();
  const navigate = useNavigate();
  const isUsed = account.clients.some(({ connections }) => connections.length > 0);
  return isUsed ? (
    <Button size="lg" variant="filled" component={Link} to="/">
      {words.t("account.to_overview")}
    </Button>
  ) : (
    <Button
      size="lg"
      variant="filled"
      onClick={() =>
        void navigate({
          to: "/welcome/$step",
          params: { step: "connect" },
          search: { account: account.name },
        })
      }
    >
      {words.t("qr.connect_bot")}
    </Button>
  );
}
