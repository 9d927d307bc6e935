/** What is wrong with perpetua itself or its settings, and what only waits for its next start. */
import { isOfKeyring, KeyringFile } from "../../components/keyring-file";
import { MendButton } from "../../components/mend";
import { Note } from "../../components/note";
import { RestartNow, useCanRestart } from "../../components/restart-now";
import type { Message } from "../../generated/schema";
import { waiting, waitsForStart } from "../../state/moving";
import { mends } from "../../state/standing";
import { useView } from "../../store/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./overview.module.css";

/** The settings file is not as it has to be; the editor shows where. */
const OF_THE_FILE = [
  "node.settings_problem",
  "node.settings_blank",
  "node.settings_unreadable",
  "node.settings_gone",
  "node.settings_cut_off",
];

/** One note for each. */
export function Problems() {
  const problems = useView((view) => view.status?.problems);
  return problems?.map((problem) => (
    <div key={JSON.stringify(problem)} className={classes["problem"]}>
      <Problem problem={problem} />
    </div>
  ));
}

function Problem({ problem }: { problem: Message }) {
  const canRestart = useCanRestart();
  if (waitsForStart(problem)) {
    const action = canRestart ? <RestartNow /> : null;
    return (
      <Note tone="idle" icon="clock-pause" title={waiting(problem)} action={action}>
        {canRestart ? null : <Said message={message("settings.start_by_hand")} />}
      </Note>
    );
  }
  if (OF_THE_FILE.includes(problem.code)) {
    const action = <MendButton mend={mends.editSettings} />;
    return <Note tone="you" icon="file-alert" title={problem} action={action} />;
  }
  return (
    <Note
      tone="you"
      icon="file-alert"
      title={message("overview.node_problem")}
      action={isOfKeyring(problem) ? <MendButton mend={mends.retryFailed} /> : null}
    >
      <p>
        <Said message={problem} alone />
      </p>
      {isOfKeyring(problem) ? <KeyringFile /> : null}
    </Note>
  );
}
