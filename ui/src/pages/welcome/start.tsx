/** The first page: three ways to begin, with the time each takes. */
import { ActionIcon, Button, Tooltip, UnstyledButton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import { isKey } from "../../components/keys";
import { ProblemNote } from "../../components/note";
import { useKey } from "../../components/use-key";
import type { AccountStatus, Message } from "../../generated/schema";
import { Banner } from "../../shell/banner";
import { LanguageMenu } from "../../shell/language-menu";
import { Mark, NAME } from "../../shell/mark";
import { nameOf } from "../../state/headline";
import { useDo } from "../../store/calls";
import { useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { Said } from "../../words/said";
import { message, type Words } from "../../words/words";
import { forgetPlace, type Journey, madeBefore, stepsOf, type Way } from "./journey";
import { Picture } from "./picture";
import { useStepKeys } from "./step";
import classes from "./welcome.module.css";

type Choice = { way: Way; icon: IconName; title: Message; meaning: Message; minutes: number };

const CHOICES: Choice[] = [
  {
    way: "qq",
    icon: "qrcode",
    title: message("welcome.qq"),
    meaning: message("welcome.qq_meaning"),
    minutes: 5,
  },
  {
    way: "program",
    icon: "plug-connected",
    title: message("welcome.program"),
    meaning: message("welcome.program_meaning"),
    minutes: 2,
  },
  {
    way: "simulator",
    icon: "robot",
    title: message("welcome.simulator"),
    meaning: message("welcome.simulator_meaning"),
    minutes: 1,
  },
];

/** The picture at the right goes where there is no room for it. */
export function Start({ journey }: { journey: Journey }) {
  const words = useWords();
  const isLive = useIsLive();
  const accounts = useStatus()?.accounts ?? [];
  const [way, setWay] = useState<Way>(journey.way);
  const [asks, setAsks] = useState(false);
  const add = useDo("account_add");
  const [first] = stepsOf(way);
  const simulators = accounts.filter(({ upstream }) => upstream.kind === "simulator");
  const next = () => {
    forgetPlace();
    if (!first) return;
    const before = madeBefore(way, journey.account, accounts);
    if (before) return journey.go(first, { way, account: before.name });
    if (way !== "simulator") return journey.begin(first, way);
    if (simulators.length > 0) return setAsks(true);
    void addSimulator();
  };
  const addSimulator = async () => {
    if (!first) return;
    try {
      const { account } = await add.run({ upstream: { kind: "simulator" } });
      journey.go(first, { way, account });
    } catch {
      // Stays here, with the reason.
    }
  };
  const needsCall = way === "simulator";
  const canGo = !add.running && (isLive || !needsCall);
  useArrows(way, setWay);
  useStepKeys(canGo && !asks ? next : null, null);
  useEffect(() => {
    document.title = words.t("app.title", { page: words.t("welcome.page") });
  }, [words]);
  return (
    <div className={classes["first"]}>
      <div className={classes["choice"]}>
        <div className={classes["brand"]} style={{ marginBottom: 36 }}>
          <Mark />
          <b>{NAME}</b>
        </div>
        <h1 id="welcome-title" className={classes["title"]}>
          {words.t("welcome.title")}
        </h1>
        <p className="quiet" style={{ marginTop: 6 }}>
          {words.t("welcome.later")}
        </p>
        <Banner />
        <div role="radiogroup" aria-labelledby="welcome-title" className={classes["pick"]}>
          {CHOICES.map((choice) => (
            <Option
              key={choice.way}
              choice={choice}
              chosen={choice.way === way}
              onChoose={() => setWay(choice.way)}
            />
          ))}
        </div>
        <UnstyledButton className={classes["import"]} onClick={() => journey.go("import")}>
          <Icon name="folder-down" size={16} />
          <span>{words.t("welcome.import")}</span>
        </UnstyledButton>
        {add.problem ? <ProblemNote problem={add.problem} /> : null}
        <div className={classes["bottom"]}>
          <LanguageMenu />
          <span className="grow" />
          <Button
            size="lg"
            variant="filled"
            loading={add.running}
            disabled={!canGo && !add.running}
            onClick={next}
          >
            {words.t("welcome.next")}
          </Button>
        </div>
      </div>
      <div className={classes["picture"]}>
        <Picture />
      </div>
      {accounts.length > 0 ? <Leave /> : null}
      <Ask
        opened={asks}
        title={message("welcome.another_simulator")}
        question={message("welcome.another_simulator_meaning", {
          names: namesOf(words, simulators),
        })}
        verb={message("welcome.another_simulator_do")}
        onConfirm={() => void addSimulator()}
        onClose={() => setAsks(false)}
      />
    </div>
  );
}

function namesOf(words: Words, accounts: AccountStatus[]): string {
  return words.list(accounts.map((account) => `\`${harmless(nameOf(account))}\``));
}

/** Whoever has accounts already may not want another one after all; Esc does the same. */
function Leave() {
  const words = useWords();
  const navigate = useNavigate();
  const leave = () => {
    forgetPlace();
    void navigate({ to: "/" });
  };
  useKey("Escape", leave);
  return (
    <Tooltip label={words.t("welcome.leave")}>
      <ActionIcon
        className={classes["leave"] ?? ""}
        aria-label={words.t("welcome.leave")}
        aria-keyshortcuts="Escape"
        onClick={leave}
      >
        <Icon name="x" size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

/** The arrows choose before anything has the focus; after that the radio buttons do it themselves. */
function useArrows(way: Way, choose: (way: Way) => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const steps = isKey(event, "ArrowDown") ? 1 : isKey(event, "ArrowUp") ? -1 : 0;
      if (steps === 0 || event.altKey || event.target !== document.body) return;
      const place = CHOICES.findIndex((choice) => choice.way === way);
      const next = CHOICES[(place + steps + CHOICES.length) % CHOICES.length];
      if (!next) return;
      event.preventDefault();
      choose(next.way);
      document.querySelector<HTMLInputElement>(`input[name=way][value=${next.way}]`)?.focus();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [way, choose]);
}

type OptionProps = { choice: Choice; chosen: boolean; onChoose: () => void };

function Option({ choice, chosen, onChoose }: OptionProps) {
  const words = useWords();
  return (
    <label className={classes["way"]} data-chosen={chosen}>
      <input
        type="radio"
        name="way"
        value={choice.way}
        className="unseen"
        checked={chosen}
        onChange={onChoose}
      />
      <span className={classes["sign"]}>
        <Icon name={choice.icon} />
      </span>
      <span>
        <b>
          <Said message={choice.title} />
        </b>
        <span className={classes["meaning"]}>
          <Said message={choice.meaning} />
        </span>
      </span>
      <span className="xs faint nowrap num">
        {words.t("welcome.minutes", { minutes: choice.minutes })}
      </span>
    </label>
  );
}
