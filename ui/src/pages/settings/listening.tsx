/** Where perpetua listens: the address, the switch for other devices, and what is asked before either changes. */
import { Button } from "@mantine/core";
import { Field } from "../../components/field";
import { NextSentence } from "../../components/next-sentence";
import { Note } from "../../components/note";
import { OptionRow, SwitchRow } from "../../components/option";
import type { Message, NetworkSettings } from "../../generated/schema";
import { isEverywhere, isOfThisComputer, listenOf, type Move } from "../../state/moving";
import { useIsLive, useView } from "../../store/context";
import { listenAddress } from "../../words/addresses";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { onLoopback, portOf } from "../clients/port";
import classes from "./settings.module.css";
import { type Listening as Changing, isLoopback, useListening } from "./use-listening";
import type { Network } from "./use-network";

/** Of the fields of this page. */
export const FIELD_WIDTH = "13.75rem";

type Props = { network: Network; settings: NetworkSettings };

/** The address and the switch change the same; leaving this computer takes a second click. */
export function Listening({ network, settings: { listen } }: Props) {
  const isLive = useIsLive();
  const api = useView((view) => view.status && listenOf(view.status.api));
  const changing = useListening(network, listen);
  const { asked, save } = changing;
  const isClosed = isLoopback(listen);
  const waits = api !== null && portOf(listen) !== "0" && api !== listen;
  return (
    <>
      <OptionRow
        title={message("settings.listens")}
        meaning={
          waits
            ? message("settings.listens_later", { now: api })
            : message(isClosed ? "settings.only_here" : "settings.from_elsewhere")
        }
        problem={network.problemOf("listen")}
        control={(described) => (
          <Field
            key={changing.turn}
            {...described}
            value={listen}
            mono
            width={FIELD_WIDTH}
            failed={network.problemOf("listen") !== null}
            disabled={!isLive}
            onSave={(typed) => save(listenAddress(typed), false)}
          />
        )}
      >
        {asked?.about === "moving" ? (
          <Moving
            move={asked.move}
            agree={() => void save(asked.wanted, true)}
            leave={changing.leave}
          />
        ) : null}
      </OptionRow>
      <OpenSwitch listen={listen} changing={changing} />
    </>
  );
}

/** What other devices open. */
function addressFor(listen: string): Message {
  return isEverywhere(listen)
    ? message("settings.open_everywhere", { port: portOf(listen) })
    : message("settings.open_now", { listen });
}

/** What the first line of the warning says. */
function titleOf({ wanted, isLater }: Pick<OpeningProps, "wanted" | "isLater">): Message {
  if (wanted !== null) return message("settings.open_not_yet");
  return message(isLater ? "settings.open_later" : "settings.open_title");
}

/** Whether other devices can come in. */
function OpenSwitch({ listen, changing }: { listen: string; changing: Changing }) {
  const isLive = useIsLive();
  const api = useView((view) => view.status && listenOf(view.status.api));
  const { asked, open, save, leave } = changing;
  const opening = asked?.about === "opening" ? asked : null;
  const isClosed = isLoopback(listen);
  const everywhere = `0.0.0.0:${portOf(listen)}`;
  return (
    <SwitchRow
      title={message("settings.open_switch")}
      meaning={
        isClosed
          ? message("settings.would_listen", { address: opening?.wanted ?? everywhere })
          : addressFor(listen)
      }
      checked={!isClosed || opening !== null}
      disabled={!isLive}
      onChange={(on) => {
        if (on) open(everywhere);
        else if (isClosed) leave();
        else void save(onLoopback(listen), false);
      }}
    >
      {opening === null && isClosed ? null : (
        <Opening
          wanted={opening?.wanted ?? null}
          isLater={api !== null && isLoopback(api)}
          move={opening?.move ?? null}
          agree={(wanted) => void save(wanted, true)}
          leave={leave}
        />
      )}
    </SwitchRow>
  );
}

/** Where this page is to be found then, and that everybody signs in there. */
function Moves({ move }: { move: Move }) {
  const said =
    move.is === "behind_proxy"
      ? message("settings.moves_proxy", { listen: move.listen })
      : message(move.is === "elsewhere" ? "settings.moves_to" : "settings.moves_there", {
          url: move.url,
        });
  return (
    <p>
      <Said message={said} />
      {move.is === "elsewhere" && isOfThisComputer(window.location.hostname) ? (
        <NextSentence message={message("settings.moves_tunnel")} />
      ) : null}
      {move.is === "behind_proxy" && !move.keepsSessions ? (
        <NextSentence message={message("app.moved_sign_in")} />
      ) : null}
    </p>
  );
}

type OpeningProps = {
  /** The address that was asked for; null: it is open already. */
  wanted: string | null;
  /** It is open from the next start only. */
  isLater: boolean;
  move: Move | null;
  agree: (wanted: string) => void;
  leave: () => void;
};

/** What it means that others reach this page; before they do, it takes a second click. */
function Opening({ wanted, isLater, move, agree, leave }: OpeningProps) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <div className={classes["warning"]}>
      <Note
        tone="you"
        icon="world-exclamation"
        title={titleOf({ wanted, isLater })}
        action={
          wanted === null ? null : (
            <>
              <Button autoFocus onClick={leave}>
                {words.t("settings.stay_closed")}
              </Button>
              <Button color="bad" variant="filled" disabled={!isLive} onClick={() => agree(wanted)}>
                {words.t("client.agree_open")}
              </Button>
            </>
          )
        }
      >
        <p>{words.t("settings.open")}</p>
        {move ? <Moves move={move} /> : null}
      </Note>
    </div>
  );
}

type MovingProps = { move: Move; agree: () => void; leave: () => void };

/** An address at which this page is not found as before takes a second click. */
function Moving({ move, agree, leave }: MovingProps) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <div className={classes["warning"]}>
      <Note
        alert
        tone="you"
        icon="world-exclamation"
        title={message("settings.moves")}
        action={
          <>
            <Button autoFocus onClick={leave}>
              {words.t("settings.moves_keep")}
            </Button>
            <Button disabled={!isLive} onClick={agree}>
              {words.t("settings.moves_do")}
            </Button>
          </>
        }
      >
        <Moves move={move} />
      </Note>
    </div>
  );
}
