/** The last step of every way: the bot's framework gets its port, and comes. */
import { UnstyledButton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Fragment, lazy, Suspense, useEffect, useRef } from "react";
import {
  Connect,
  cannotConnect,
  FRAMEWORKS,
  frameworkName,
  rememberFramework,
} from "../../components/connect";
import { Icon } from "../../components/icon";
import { Note, ProblemNote } from "../../components/note";
import type { AccountStatus, Framework, Message } from "../../generated/schema";
import { part } from "../../platform/part";
import { useCall, useDo } from "../../store/calls";
import { useAccount, useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { forgetPlace, type Journey } from "./journey";
import { type Next, StepFrame } from "./step";
import classes from "./welcome.module.css";

// The chat is a chunk of its own, as on its page.
const SimulatorTalk = lazy(() =>
  part(() => import("./simulator-talk")).then((talk) => ({ default: talk.SimulatorTalk })),
);

/** What the first message to a bot in the simulator is. */
const FIRST_WORDS = "/help";

export function ConnectStep({ journey }: { journey: Journey }) {
  const words = useWords();
  const account = useAccount(journey.account ?? "");
  const known = useStatus() !== null;
  if (account) return <ConnectAccount journey={journey} account={account} />;
  return (
    <StepFrame journey={journey} title={words.t("welcome.connect_title")} next={null}>
      {known ? (
        <Note tone="idle" icon="info-circle" title={message("welcome.no_account_yet")} />
      ) : null}
    </StepFrame>
  );
}

function ConnectAccount({ journey, account }: { journey: Journey; account: AccountStatus }) {
  const words = useWords();
  const navigate = useNavigate();
  const add = useDo("client_add");
  const isSimulator = account.upstream.kind === "simulator";
  const world = useCall("simulator_world", { account: account.name }, { enabled: isSimulator });
  const client =
    account.clients.find(({ name }) => name === journey.client) ??
    account.clients.find(({ kind }) => kind === "forward");

  const choose = async (framework: Framework) => {
    try {
      const made = await add.run({ account: account.name, framework });
      rememberFramework(made.account, made.client, framework);
      journey.go("connect", { client: made.client });
    } catch {
      // Stays here, with the reason.
    }
  };
  const isConnected = client !== undefined && client.connections.length > 0;
  // Before there is a bot nobody would answer.
  const say = isConnected ? FIRST_WORDS : undefined;
  const done = () => {
    forgetPlace();
    const group = world.data?.groups[0];
    if (!isSimulator) return void navigate({ to: "/" });
    if (!group) return void navigate({ to: "/chat" });
    const params = { account: account.name, chat: `group-${group.group_id}` };
    void navigate({ to: "/chat/$account/$chat", params, search: say ? { say } : {} });
  };
  const next: Next = {
    word: isSimulator ? words.t("welcome.done_to_chat") : words.t("welcome.done"),
    run: done,
    alone: true,
    quiet: !isConnected,
  };
  const panel = client ? (
    <Connect account={account.name} client={client.name} />
  ) : (
    <Picker
      running={add.running}
      refused={add.problem ? { framework: add.asked?.framework, problem: add.problem } : null}
      onChoose={(framework) => void choose(framework)}
    />
  );
  return (
    <StepFrame
      journey={journey}
      title={words.t("welcome.connect_title")}
      line={client ? words.t("welcome.connect_line") : words.t("welcome.connect_which")}
      next={next}
      wide={isSimulator}
    >
      {isSimulator ? (
        <div className={classes["beside"]}>
          <div>{panel}</div>
          <Suspense>
            <SimulatorTalk account={account} say={say} />
          </Suspense>
        </div>
      ) : (
        panel
      )}
    </StepFrame>
  );
}

type PickerProps = {
  running: boolean;
  /** Which could not be set up, and why. */
  refused: { framework: Framework | undefined; problem: Message } | null;
  onChoose: (framework: Framework) => void;
};

/** The framework decides what has to be entered where, so it comes first. */
function Picker({ running, refused, onChoose }: PickerProps) {
  const words = useWords();
  const isLive = useIsLive();
  return (
    <ul className={classes["frameworks"]}>
      {FRAMEWORKS.map((framework) => {
        const why = cannotConnect(framework);
        return (
          <Fragment key={framework}>
            <li>
              <UnstyledButton
                disabled={running || !isLive || why !== null}
                onClick={() => onChoose(framework)}
              >
                <span className={classes["sign"]}>
                  <Icon name={framework === "other" ? "plus" : "robot"} />
                </span>
                <span className="grow">
                  <b>
                    {framework === "other"
                      ? words.t("welcome.other_framework")
                      : frameworkName(words, framework)}
                  </b>
                  {why ? (
                    <span className={classes["meaning"]}>
                      <Said message={why} />
                    </span>
                  ) : null}
                </span>
                {why ? null : <Icon name="chevron-right" size={16} />}
              </UnstyledButton>
            </li>
            {refused?.framework === framework ? (
              <InSight problem={refused.problem} again={() => onChoose(framework)} />
            ) : null}
          </Fragment>
        );
      })}
    </ul>
  );
}

/** What went wrong, below the row of what was pressed and never below the fold. */
function InSight({ problem, again }: { problem: Message; again: () => void }) {
  const place = useRef<HTMLLIElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another problem is seen anew
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [problem]);
  return (
    <li ref={place} className={classes["refused"]}>
      <ProblemNote problem={problem} again={again} />
    </li>
  );
}
