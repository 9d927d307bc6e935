/** Removing a client: asked first, and for a while it can be put back as it was. */
import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { ProblemNote } from "../../components/note";
import type { ClientChange, ClientConfig, Message } from "../../generated/schema";
import type { Platform } from "../../platform";
import { toast } from "../../shell/toast";
import { problemOf } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { message } from "../../words/words";
import classes from "./drawer.module.css";

/** A client with all that is needed to make it again. */
type Kept = { config: ClientConfig; token: string | null };

async function remove(
  platform: Platform,
  names: { account: string; client: string },
): Promise<Kept> {
  const [config, { token }] = await Promise.all([
    platform.call("client_settings", names),
    platform.call("token", names),
  ]);
  await platform.call("client_remove", names);
  return { config, token };
}

/** What is not decided when a client is added. */
const LATER = [
  "max_connections",
  "heartbeat_s",
  "queue_events",
  "queue_bytes",
  "when_full",
  "format",
  "roles",
] as const;

/** What a client that was just made has otherwise than the one that was kept. */
function differing(kept: ClientConfig, made: ClientConfig): ClientChange {
  const differ = LATER.filter((setting) => kept[setting] !== made[setting]);
  return Object.fromEntries(differ.map((setting) => [setting, kept[setting]]));
}

/** The same name, address and token, so that the framework comes back by itself. */
async function putBack(platform: Platform, { config, token }: Kept): Promise<void> {
  const { account, client, kind, framework, listen, url, profile, enabled } = config;
  const names = { account, client };
  await platform.call("client_add", {
    account,
    // The others are told by what they have.
    ...(kind === "post" ? { kind } : {}),
    name: client,
    framework,
    ...(kind === "http" ? { kind } : {}),
    ...(listen === null ? {} : { listen }),
    ...(url === null ? {} : { url }),
    profile,
    ...(token === null ? {} : { token }),
  });
  const change = differing(config, await platform.call("client_settings", names));
  if (Object.keys(change).length > 0) await platform.call("client_edit", { ...names, change });
  if (!enabled) await platform.call("set_client_enabled", { ...names, enabled: false });
}

type Props = {
  account: string;
  client: string;
  connections: number;
  onClose: () => void;
  onRemoved: () => void;
};

/** The question says what goes. */
export function RemoveDialog({ account, client, connections, ...on }: Props) {
  const words = useWords();
  const platform = usePlatform();
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<Message | null>(null);
  const name = harmless(client);

  const agree = async () => {
    setRunning(true);
    setProblem(null);
    try {
      const kept = await remove(platform, { account, client });
      // Whoever asked for it may be on another page by then: it is said where they asked.
      const back = () =>
        putBack(platform, kept).catch((error) =>
          toast({
            said: message("client.not_put_back", { client, why: problemOf(error) }),
            failed: true,
          }),
        );
      // A list of addresses, some with tokens of their own, is more than can be added here.
      const isWhole = kept.config.urls.length === 0;
      toast({
        said: message("client.removed", { client }),
        ...(isWhole ? { action: { word: message("app.undo"), run: () => void back() } } : {}),
      });
      on.onClose();
      on.onRemoved();
    } catch (error) {
      setProblem(problemOf(error));
      setRunning(false);
    }
  };
  return (
    <Modal
      opened
      size={480}
      title={words.t("client.remove_title", { client: name })}
      closeButtonProps={{ "aria-label": words.t("app.close") }}
      onClose={on.onClose}
    >
      <p>{words.t("client.remove_long")}</p>
      {connections > 0 ? <p>{words.t("client.remove_connected", { count: connections })}</p> : null}
      {problem ? (
        <div className={classes["problem"]}>
          <ProblemNote problem={problem} />
        </div>
      ) : null}
      <div className={classes["answers"]}>
        <Button data-autofocus onClick={on.onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button variant="filled" color="bad" loading={running} onClick={() => void agree()}>
          {words.t("client.remove_verb", { client: name })}
        </Button>
      </div>
    </Modal>
  );
}
