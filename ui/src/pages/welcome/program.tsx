/** The step of a program that is logged in already: where to look there, and what to enter where. */
import { useState } from "react";
import { Seg } from "../../components/seg";
import { useDo } from "../../store/calls";
import { useAccount } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import type { Journey } from "./journey";
import { DialForm, type Dialled, useDialTest, wholeAddress } from "./program-dial";
import { WaitForIt } from "./program-wait";
import { PROGRAMS, type Program, programName, whereToLook } from "./programs";
import { StepFrame } from "./step";
import classes from "./welcome.module.css";

type Direction = "dial" | "wait";

/** Either side may dial; most programs can be dialled. */
export function ProgramStep({ journey }: { journey: Journey }) {
  const words = useWords();
  const account = useAccount(journey.account ?? "");
  const kind = account?.upstream.kind;
  const [program, setProgram] = useState<Program>("napcat");
  const [direction, setDirection] = useState<Direction>(
    kind === "onebot-reverse" ? "wait" : "dial",
  );
  const [dialled, setDialled] = useState<Dialled>({
    url: (kind === "onebot" && account?.upstream.address) || "ws://127.0.0.1:3001",
    token: "",
  });
  const [hasTypedToken, setHasTypedToken] = useState(false);
  const test = useDialTest(direction === "dial" ? dialled : null);
  const add = useDo("account_add");
  const edit = useDo("account_edit");

  const makeWaiting = async () => {
    if (kind === "onebot-reverse") return journey.go("connect");
    const made = await add.run({ upstream: { kind: "onebot-reverse" } });
    // Stays: now it is known what to enter there.
    journey.go("program", { account: made.account });
  };
  const makeDialled = async () => {
    const url = wholeAddress(dialled, test);
    const token = dialled.token.trim();
    if (kind === "onebot" && account) {
      const change = { address: url, ...(hasTypedToken ? { token } : {}) };
      await edit.run({ account: account.name, change });
      return journey.go("connect");
    }
    const made = await add.run({ upstream: { kind: "onebot", url, ...(token ? { token } : {}) } });
    journey.go("connect", { account: made.account });
  };
  const run = () =>
    void (direction === "dial" ? makeDialled() : makeWaiting()).catch(() => undefined);
  const works = test.is === "told" && test.report.problem === null;
  const next = {
    run,
    running: add.running || edit.running,
    problem: add.problem ?? edit.problem,
    ...nextWord(),
  };

  function nextWord() {
    if (direction === "dial") {
      return works ? {} : { word: words.t("welcome.use_all_the_same"), quiet: true };
    }
    return kind === "onebot-reverse" ? {} : { word: words.t("welcome.make_address") };
  }

  return (
    <StepFrame
      journey={journey}
      title={words.t("welcome.program_title")}
      line={words.t("welcome.program_line")}
      next={next}
    >
      <div className={classes["choices"]}>
        <Seg
          label={words.t("welcome.which_program")}
          value={program}
          options={PROGRAMS.map((value) => ({ value, label: programName(words, value) }))}
          onChange={setProgram}
        />
        <Seg
          label={words.t("welcome.direction")}
          value={direction}
          options={[
            { value: "dial", label: words.t("welcome.dial") },
            { value: "wait", label: words.t("welcome.wait") },
          ]}
          onChange={setDirection}
        />
      </div>
      <h2 className="section-title">{words.t("welcome.there")}</h2>
      <ol className={classes["there"]}>
        {whereToLook(program, direction).map((line) => (
          <li key={line.code}>
            <span>
              <Said message={line} />
            </span>
          </li>
        ))}
      </ol>
      <h2 className="section-title">{words.t("welcome.here")}</h2>
      {direction === "dial" ? (
        <DialForm
          dialled={dialled}
          onChange={(changed) => {
            if (changed.token !== dialled.token) setHasTypedToken(true);
            setDialled(changed);
            add.forget();
            edit.forget();
          }}
          test={test}
        />
      ) : (
        <WaitForIt account={kind === "onebot-reverse" ? account : null} />
      )}
    </StepFrame>
  );
}
