/** What can be done with an account as a whole. Who would notice is asked about first. */
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Confirm } from "../../components/confirm";
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import type { AccountStatus, CoreStatus, Message } from "../../generated/schema";
import { useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { connectedCount } from "./kind";

/** A core that can be ended. */
function runs(core: CoreStatus): boolean {
  return core.state !== "stopped" && core.state !== "stopping" && core.state !== "braked";
}

/** The buttons of the header, and why the last one did not work. */
export function useVerbs(account: AccountStatus) {
  const start = useDo("start");
  const stop = useDo("stop");
  const restart = useDo("restart");
  const reconnect = useDo("reconnect");
  const navigate = useNavigate();
  const isLive = useIsLive();
  const { core, name, online } = account;
  const count = online ? connectedCount(account) : 0;
  const verb = (icon: IconName, word: Message, done: ReturnType<typeof useDo<"start">>) => ({
    icon,
    word,
    running: done.running,
    disabled: !isLive,
    run: () => void done.run({ account: name }).catch(() => undefined),
  });
  const problem = start.problem ?? stop.problem ?? restart.problem ?? reconnect.problem;
  if (!account.enabled) return { problem, buttons: null };
  if (!core) {
    const again = {
      icon: "refresh" as const,
      word: message("account.ask_again"),
      running: reconnect.running,
      disabled: !isLive,
      run: () => void reconnect.run({ account: name }).catch(() => undefined),
    };
    return { problem, buttons: <Verb {...again} count={count} /> };
  }
  const buttons = runs(core) ? (
    <>
      {core.state === "online" ? null : (
        <Verb
          icon="qrcode"
          word={message("account.log_in")}
          running={false}
          disabled={false}
          count={0}
          run={() => void navigate({ to: "/accounts/$account/login", params: { account: name } })}
        />
      )}
      <Verb {...verb("refresh", message("account.restart"), restart)} count={count} />
      <Verb {...verb("player-stop", message("account.stop"), stop)} count={count} />
    </>
  ) : (
    <Verb {...verb("player-play", message("account.start"), start)} count={0} />
  );
  return { problem, buttons };
}

type VerbProps = {
  icon: IconName;
  word: Message;
  running: boolean;
  disabled: boolean;
  /** How many frameworks notice. */
  count: number;
  run: () => void;
};

function Verb({ icon, word, running, disabled, count, run }: VerbProps) {
  const button = (press: () => void) => (
    <Button
      leftSection={<Icon name={icon} size={16} />}
      loading={running}
      disabled={disabled}
      onClick={press}
    >
      <Said message={word} />
    </Button>
  );
  if (count === 0) return button(run);
  return (
    <Confirm question={message("account.leave_count", { count })} verb={word} onConfirm={run}>
      {button}
    </Confirm>
  );
}
