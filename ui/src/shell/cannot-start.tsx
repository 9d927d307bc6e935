/** In place of every page when perpetua itself could not start: why, and the ways out. */
import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import { ProblemNote } from "../components/note";
import type { NodeSituation, Way } from "../generated/shell";
import { useShellDo } from "../store/calls";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import type { Code } from "../words/words";
import classes from "./cannot-start.module.css";
import { LanguageMenu } from "./language-menu";
import { Mark } from "./mark";
import { useShellStatus } from "./shell-status";
import { toast } from "./toast";

const WAYS: Record<Way, Code> = {
  again: "app.again",
  other_port: "app.other_port",
  use_running: "app.use_running",
  secrets_file: "problem.keyring_file",
  restart: "settings.restart_now",
};

type Failed = Extract<NodeSituation, { state: "failed" }>;

/** The first way is the one that most likely mends it. */
export function CannotStart({ failed }: { failed: Failed }) {
  const words = useWords();
  const status = useShellStatus();
  const retry = useShellDo("node_retry");
  const settings = useShellDo("settings_open");
  const folder = useShellDo("folder_open");
  const line = failed.settings_line;
  const go = async (way: Way) => {
    try {
      const { changed } = await retry.run({ way });
      if (changed) toast({ said: changed });
    } catch {
      // The reason is in `retry.problem`.
    }
  };
  const heading = useRef<HTMLHeadingElement>(null);
  // It took the place of everything, so it is read from its title on.
  useEffect(() => heading.current?.focus(), []);
  const problem = retry.problem ?? settings.problem ?? folder.problem;
  return (
    <main className={classes["page"]}>
      <Mark size={40} />
      <h1 ref={heading} tabIndex={-1}>
        {words.t("app.cannot_start")}
      </h1>
      <p className={classes["why"]}>
        <Said message={failed.problem} alone />
      </p>
      <div className={classes["ways"]}>
        {line == null ? null : (
          <Button
            size="lg"
            variant="filled"
            onClick={() => void settings.run({ line }).catch(() => undefined)}
          >
            {words.t("app.open_settings_line", { line })}
          </Button>
        )}
        {failed.ways.map((way, place) => (
          <Button
            key={way}
            size="lg"
            variant={place === 0 && line == null ? "filled" : "default"}
            loading={retry.running}
            onClick={() => void go(way)}
          >
            {words.say({ code: WAYS[way] })}
          </Button>
        ))}
        <Button
          size="lg"
          variant="subtle"
          c="var(--link)"
          onClick={() => void folder.run({ folder: "logs" }).catch(() => undefined)}
        >
          {words.t("app.open_logs")}
        </Button>
      </div>
      {problem ? <ProblemNote problem={problem} /> : null}
      <LanguageMenu />
      {status ? <p className="faint xs mono">{status.settings_file}</p> : null}
    </main>
  );
}
