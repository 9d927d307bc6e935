/** What this is. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "../../components/dialog";
import { OptionRow, Options } from "../../components/option";
import type { Message } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { SignOut } from "../../shell/sign-out";
import { usePlatform, useSession, useView } from "../../store/context";
import { useWords } from "../../words/context";
import { type Code, message } from "../../words/words";
import classes from "./settings.module.css";

/** Names are the same in every language. */
const LICENCE = "AGPL-3.0-or-later";

export function About() {
  const words = useWords();
  const version = useView((view) => view.status?.version);
  const build = useView((view) => view.status?.build);
  const shell = useShellStatus();
  const session = useSession();
  const { shell: calls } = usePlatform();
  return (
    <Options label={words.t("settings.about")}>
      <Fact title={message("settings.version")} value={shell?.version ?? version ?? ""} />
      <Fact title={message("settings.build")} value={shell?.build ?? build ?? ""} />
      <OptionRow
        title={message("settings.licence")}
        meaning={message("settings.licence_meaning")}
        control={() => <Text title="settings.licence" named={LICENCE} read={licence} />}
      />
      {calls ? (
        <OptionRow
          title={message("settings.notices")}
          control={() => (
            <Text
              title="settings.notices"
              named=""
              read={async () => (await calls.call("notices_read", {})).text}
            />
          )}
        />
      ) : null}
      {session ? (
        <div className={classes["out"]}>
          <SignOut />
        </div>
      ) : null}
    </Options>
  );
}

function Fact({ title, value }: { title: Message; value: string }) {
  return <OptionRow title={title} control={() => <span className="num quiet sm">{value}</span>} />;
}

type TextProps = { title: Code; named: string; read: () => Promise<string | null> };

/** A text that was shipped with the page; without it the source has it. */
function Text({ title, named, read }: TextProps) {
  const words = useWords();
  const [opened, setOpened] = useState(false);
  const { data } = useQuery({
    queryKey: ["shipped", title],
    queryFn: read,
    enabled: opened,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <span className={classes["version"]}>
      <span className="num quiet sm">{named}</span>
      <Button
        onClick={() => setOpened(true)}
        aria-label={`${words.t("settings.licence_read")}: ${words.say({ code: title })}`}
      >
        {words.t("settings.licence_read")}
      </Button>
      <Dialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={words.say({ code: title })}
        size={720}
        touched={false}
      >
        <pre className={classes["legal"]}>
          {data === undefined ? "" : (data ?? words.t("settings.licence_missing"))}
        </pre>
      </Dialog>
    </span>
  );
}

/** It stands beside the pages; null where it does not, and a page in its place is none. */
async function licence(): Promise<string | null> {
  try {
    const answer = await fetch("/licence.txt");
    const kind = answer.headers.get("content-type") ?? "";
    return answer.ok && !kind.includes("html") ? await answer.text() : null;
  } catch {
    return null;
  }
}
