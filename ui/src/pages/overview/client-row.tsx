/** A client on the card of its account, wired to it. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Wire } from "../../components/chain";
import { Copy } from "../../components/copy";
import { Icon } from "../../components/icon";
import { StateIcon } from "../../components/state";
import type { AccountStatus, ClientHistory, ClientStatus } from "../../generated/schema";
import { addressOf } from "../../state/client";
import type { Standing } from "../../state/standing";
import { lastMinute } from "../../store/history";
import { number } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Name } from "../../words/said";
import classes from "./overview.module.css";

type Props = {
  account: AccountStatus;
  client: ClientStatus;
  state: Standing;
  history: ClientHistory | undefined;
  last: boolean;
};

/** Where the state is explained and ended. */
function tabOf({ mend }: Standing): string | undefined {
  return mend?.deed.do === "go" ? /[?&]tab=(\w+)/.exec(mend.deed.to)?.[1] : undefined;
}

/** Frames can flow while the wire is solid. */
export function ClientRow({ account, client, state, history, last }: Props) {
  const words = useWords();
  const { name, listen } = client;
  const flows = account.online && client.connections.length > 0;
  const open = words.t("overview.open_client", { name });
  const loud = state.tone === "bad" || state.tone === "you";
  return (
    <li className={classes["client"]}>
      <Wire open={flows} last={last} />
      <StateIcon standing={state} />
      <span className="cut medium">
        <Name of={name} />
      </span>
      <span className={`${classes["address"]} cut mono quiet`}>{addressOf(client)}</span>
      <Link
        to="/clients/$account/$client"
        params={{ account: account.name, client: name }}
        search={{ tab: tabOf(state) }}
        className={`cut ${classes["state"]} ${loud ? classes["loud"] : "quiet"}`}
        data-tone={state.tone}
        title={state.sentence ? words.say(state.sentence) : undefined}
      >
        {words.say(state.word)}
      </Link>
      <Rate value={flows ? lastMinute(history?.events) : null} />
      <Rate value={flows ? lastMinute(history?.actions) : null} />
      <span className={classes["buttons"]}>
        {listen ? (
          <Copy text={`ws://${listen}`} label={words.t("overview.copy_address", { name })} />
        ) : null}
        <Tooltip label={open}>
          <ActionIcon
            aria-label={open}
            renderRoot={(root) => (
              <Link
                {...root}
                to="/clients/$account/$client"
                params={{ account: account.name, client: name }}
                search={{ tab: "connect" }}
              />
            )}
          >
            <Icon name="chevron-right" size={16} />
          </ActionIcon>
        </Tooltip>
      </span>
    </li>
  );
}

function Rate({ value }: { value: number | null }) {
  const words = useWords();
  return (
    <span className={`${classes["perMinute"]} num quiet`}>
      {value === null ? (
        <>
          <span aria-hidden>{"—"}</span>
          <span className="unseen">{words.t("overview.nothing_measured")}</span>
        </>
      ) : (
        words.t("overview.per_minute", { number: number(words, value) })
      )}
    </span>
  );
}
