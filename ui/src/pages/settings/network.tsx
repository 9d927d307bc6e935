/** Where this page can be opened, by what names, from where; and through what perpetua goes out. */
import { Button } from "@mantine/core";
import { Field } from "../../components/field";
import { OptionRow, Options, ResultLine } from "../../components/option";
import type { Message, NetworkSettings, ProxyShown } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { type Code, message } from "../../words/words";
import { FIELD_WIDTH, Listening } from "./listening";
import { LeavesHost, Unknown } from "./outcome";
import { type Network as Changing, useNetwork } from "./use-network";

/** Names as people type them: with spaces, commas, or copied with `https://`. */
export function hostNames(typed: string): string[] {
  const parts = typed.normalize("NFKC").split(/[\s,;、]+/);
  const names = parts.map((part) => part.replace(/^https?:\/\//i, "").replace(/[/:].*$/, ""));
  return [...new Set(names.filter((name) => name !== ""))];
}

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
            width={FIELD_WIDTH}
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
          width={FIELD_WIDTH}
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
          width={FIELD_WIDTH}
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
