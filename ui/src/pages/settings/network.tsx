/** Where this page can be opened, by what names, from where; and through what perpetua goes out. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { Field } from "../../components/field";
import { Note } from "../../components/note";
import { OptionRow, Options, ResultLine, SwitchRow } from "../../components/option";
import type { Message, NetworkSettings, ProxyShown } from "../../generated/schema";
import { SignInAnew } from "../../shell/sign-in-anew";
import { useMoves } from "../../shell/use-move";
import { listenOf, type Move } from "../../state/moving";
import { problemOf } from "../../store/calls";
import { useIsLive, usePlatform, useView } from "../../store/context";
import { listenAddress } from "../../words/addresses";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { type Code, message } from "../../words/words";
import { onLoopback, portLine, portOf } from "../clients/port";
import { LeavesHost, Unknown } from "./outcome";
import classes from "./settings.module.css";
import { type Network as Changing, useNetwork } from "./use-network";

/** Whether an address, as `127.0.0.1:8080` or `[::1]:8080`, is of this computer alone. */
export function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):\d+$/.test(address);
}

/** Whether it is written as an address with a port; whether this machine has it is asked elsewhere. */
function isAddress(typed: string): boolean {
  return /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}$/i.test(typed);
}

/** Names as people type them: with spaces, commas, or copied with `https://`. */
export function hostNames(typed: string): string[] {
  const parts = typed.normalize("NFKC").split(/[\s,;、]+/);
  const names = parts.map((part) => part.replace(/^https?:\/\//i, "").replace(/[/:].*$/, ""));
  return [...new Set(names.filter((name) => name !== ""))];
}

const WIDTH = "13.75rem";

/** Each is saved when its field is left or with Enter. */
export function Network() {
  const words = useWords();
  const network = useNetwork();
  const { settings } = network;
  if (!settings) return <Unknown problem={network.unread} again={network.again} />;
  return (
    <>
      <Options label={words.t("settings.network")}>
        <Listening network={network} settings={settings} />
      </Options>
      <Options label={words.t("settings.ways_out")}>
        <ProxyRow
          network={network}
          setting="download_proxy"
          proxy={settings.download_proxy}
          hint="settings.proxy_of_system"
        />
        <SignProxyRow network={network} settings={settings} />
        <Hosts network={network} hosts={settings.hosts} />
        <LeasePorts network={network} ports={settings.lease_ports} />
      </Options>
      <ResultLine result={network.result} />
    </>
  );
}

type Props = { network: Changing; settings: NetworkSettings };

/** The address and the switch change the same; leaving this computer takes a second click. */
function Listening({ network, settings: { listen } }: Props) {
  const platform = usePlatform();
  const isLive = useIsLive();
  const api = useView((view) => view.status && listenOf(view.status.api));
  const [opening, setOpening] = useState<string | null>(null);
  const [moving, setMoving] = useState<{ wanted: string; move: Move } | null>(null);
  const moves = useMoves();
  /** Another field each time that what was typed is not wanted after all. */
  const [turn, setTurn] = useState(0);
  const stayClosed = () => {
    setOpening(null);
    setMoving(null);
    setTurn(turn + 1);
  };
  const isClosed = isLoopback(listen);
  const everywhere = `0.0.0.0:${portOf(listen)}`;

  const save = async (wanted: string, agreed: boolean): Promise<boolean> => {
    if (isAddress(wanted) && !isLoopback(wanted) && isClosed && !agreed) {
      network.forget("listen");
      setOpening(wanted);
      return false;
    }
    setOpening(null);
    setMoving(null);
    const problem = await blocked(wanted);
    if (problem) {
      network.refuse("listen", problem);
      return false;
    }
    const move = isAddress(wanted) && !agreed ? moves(wanted) : null;
    if (move) {
      setMoving({ wanted, move });
      return false;
    }
    const what = message("settings.what_listen", { address: wanted });
    // Here it is agreed to, or open already.
    return network.save({ listen: wanted }, what, !isLoopback(wanted));
  };
  /** A port that another program has would keep perpetua from its next start. */
  const blocked = async (wanted: string): Promise<Message | null> => {
    if (portOf(wanted) === portOf(listen) || (api && portOf(wanted) === portOf(api))) return null;
    try {
      const report = await platform.call("port_check", { listen: wanted });
      return report.state === "free" ? null : portLine(report, wanted).said;
    } catch (error) {
      return problemOf(error);
    }
  };
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
            key={turn}
            {...described}
            value={listen}
            mono
            width={WIDTH}
            failed={network.problemOf("listen") !== null}
            disabled={!isLive}
            onSave={(typed) => save(listenAddress(typed), false)}
          />
        )}
      >
        {moving ? (
          <Moving
            move={moving.move}
            agree={() => void save(moving.wanted, true)}
            leave={stayClosed}
          />
        ) : null}
      </OptionRow>
      <SwitchRow
        title={message("settings.open_switch")}
        meaning={
          isClosed
            ? message("settings.would_listen", { address: opening ?? everywhere })
            : message("settings.open_now")
        }
        checked={!isClosed || opening !== null}
        disabled={!isLive}
        onChange={(on) => {
          if (on) setOpening(everywhere);
          else if (isClosed) stayClosed();
          else void save(onLoopback(listen), false);
        }}
      >
        {opening === null && isClosed ? null : (
          <Opening
            wanted={opening}
            move={opening === null ? null : moves(opening)}
            agree={(wanted) => void save(wanted, true)}
            leave={stayClosed}
          />
        )}
      </SwitchRow>
    </>
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
      {move.is === "behind_proxy" && !move.keepsSessions ? <SignInAnew /> : null}
    </p>
  );
}

type OpeningProps = {
  /** The address that was asked for; null: it is open already. */
  wanted: string | null;
  move: Move | null;
  agree: (wanted: string) => void;
  leave: () => void;
};

/** What it means that others reach this page; before they do, it takes a second click. */
function Opening({ wanted, move, agree, leave }: OpeningProps) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <div className={classes["warning"]}>
      <Note
        tone="you"
        icon="world-exclamation"
        title={message(wanted === null ? "settings.open_title" : "settings.open_not_yet")}
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

/** The words of each proxy. */
const PROXIES = {
  download_proxy: { title: "settings.download_proxy", meaning: "settings.download_proxy_meaning" },
  sign_proxy: { title: "settings.sign_proxy", meaning: "settings.sign_proxy_meaning" },
} as const satisfies Record<string, { title: Code; meaning: Code }>;

type ProxyProps = {
  network: Changing;
  setting: keyof typeof PROXIES;
  proxy: ProxyShown | null;
  /** What an empty field means. */
  hint: Code;
  /** What is to be known instead of what it is for. */
  meaning?: Message;
};

/** One with a password is never shown again. */
function ProxyRow({ network, setting, proxy, hint, meaning }: ProxyProps) {
  const words = useWords();
  const isLive = useIsLive();
  const { title, meaning: usual } = PROXIES[setting];
  const isElsewhere = proxy !== null && proxy.kept !== "settings";
  const save = (wanted: string) => {
    const said = wanted === "" ? "settings.what_no_proxy" : "settings.what_proxy";
    const named = message(said, { proxy: { code: title } });
    return network.save({ [setting]: wanted }, named);
  };
  return (
    <OptionRow
      title={{ code: title }}
      meaning={meaning ?? (proxy && placeOf(proxy)) ?? { code: usual }}
      problem={network.problemOf(setting)}
      control={(described) => (
        <>
          <Field
            {...described}
            value={isElsewhere ? "" : (proxy?.address ?? "")}
            mono
            width={WIDTH}
            placeholder={words.say({ code: isElsewhere ? "settings.proxy_kept" : hint })}
            failed={network.problemOf(setting) !== null}
            disabled={!isLive}
            onSave={(typed) => save(typed.trim())}
          />
          {isElsewhere ? (
            <Button
              aria-describedby={described["aria-labelledby"]}
              disabled={!isLive}
              onClick={() => void save("")}
            >
              {words.t("welcome.signer_remove")}
            </Button>
          ) : null}
        </>
      )}
    />
  );
}

/** Where an owner keeps the address, if that is a place of theirs. */
function placeOf({ kept, address }: ProxyShown): Message | null {
  if (kept === "environment") return message("settings.proxy_env", { name: address });
  return kept === "file" ? message("settings.proxy_file", { path: address }) : null;
}

function SignProxyRow({ network, settings: { sign_proxy: sign } }: Props) {
  if (sign.is === "unused") return null;
  return (
    <ProxyRow
      network={network}
      setting="sign_proxy"
      proxy={sign.is === "same" ? sign.proxy : null}
      hint="settings.no_proxy"
      {...(sign.is === "different" ? { meaning: message("settings.sign_proxies_differ") } : {})}
    />
  );
}

function Hosts({ network, hosts }: { network: Changing; hosts: string[] }) {
  const isLive = useIsLive();
  return (
    <OptionRow
      title={message("settings.hosts")}
      meaning={message("settings.hosts_meaning")}
      problem={network.asks ? null : network.problemOf("hosts")}
      control={(described) => (
        <Field
          {...described}
          value={hosts.join(", ")}
          mono
          width={WIDTH}
          placeholder="bot.example.com"
          failed={network.problemOf("hosts") !== null}
          disabled={!isLive}
          onSave={(typed) => {
            const wanted = hostNames(typed);
            const what =
              wanted.length === 0
                ? message("settings.what_no_hosts")
                : message("settings.what_hosts", { hosts: wanted.join(", ") });
            return network.save({ hosts: wanted }, what);
          }}
        />
      )}
    >
      {network.asks ? <LeavesHost {...network.asks} /> : null}
    </OptionRow>
  );
}

function LeasePorts({ network, ports }: { network: Changing; ports: string | null }) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <OptionRow
      title={message("settings.lease_ports")}
      meaning={message("settings.lease_ports_meaning")}
      problem={network.problemOf("lease_ports")}
      control={(described) => (
        <Field
          {...described}
          value={ports ?? ""}
          mono
          width={WIDTH}
          placeholder={words.t("settings.lease_any")}
          failed={network.problemOf("lease_ports") !== null}
          disabled={!isLive}
          onSave={(typed) => {
            const wanted = typed.normalize("NFKC").replace(/\s/g, "").replace(/[–—~]/g, "-");
            const what =
              wanted === ""
                ? message("settings.what_any_port")
                : message("settings.what_lease_ports", { ports: wanted });
            return network.save({ lease_ports: wanted }, what);
          }}
        />
      )}
    />
  );
}
