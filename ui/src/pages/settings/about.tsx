/** What this is. */
import { OptionRow, Options } from "../../components/option";
import type { Message } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { SignOut } from "../../shell/sign-out";
import { useSession, useView } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import classes from "./settings.module.css";

/** Names are the same in every language. */
const LICENCE = "AGPL-3.0-or-later";

export function About() {
  const words = useWords();
  const version = useView((view) => view.status?.version);
  const shell = useShellStatus();
  const session = useSession();
  return (
    <Options label={words.t("settings.about")}>
      <Fact title={message("settings.version")} value={shell?.version ?? version ?? ""} />
      <Fact
        title={message("settings.licence")}
        meaning={message("settings.licence_meaning")}
        value={LICENCE}
      />
      {session ? (
        <div className={classes["out"]}>
          <SignOut />
        </div>
      ) : null}
    </Options>
  );
}

function Fact({ title, meaning, value }: { title: Message; meaning?: Message; value: string }) {
  return (
    <OptionRow
      title={title}
      meaning={meaning}
      control={() => <span className="num quiet sm">{value}</span>}
    />
  );
}
