/** The addresses of a client that is dialled at several: how each stands, why, and when it is tried again. */
import type { TargetStatus } from "../../generated/schema";
import { addressStanding } from "../../state/client";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { StateWord } from "../state";
import classes from "./connect.module.css";

/** Nothing where there is one: that is said elsewhere. */
export function Targets({ targets }: { targets: TargetStatus[] }) {
  const words = useWords();
  if (targets.length < 2) return null;
  return (
    <section aria-label={words.t("client.targets")}>
      <h3 className="section-title">{words.t("client.targets")}</h3>
      <ul className={classes["targets"]}>
        {targets.map((target) => (
          <Target key={target.address} target={target} />
        ))}
      </ul>
    </section>
  );
}

function Target({ target }: { target: TargetStatus }) {
  const { address, problem, retry_in_s: seconds } = target;
  return (
    <li>
      <div className={classes["target"]}>
        <bdi className="mono">{harmless(address)}</bdi>
        <StateWord standing={addressStanding(target)} />
      </div>
      {problem ? (
        // What counts is not read aloud every second.
        <p aria-live="off">
          <Said message={problem} alone />
          {seconds !== null && seconds > 0 ? (
            <>
              {" · "}
              <Said message={message("client.target_retry", { seconds })} />
            </>
          ) : null}
        </p>
      ) : null}
    </li>
  );
}
