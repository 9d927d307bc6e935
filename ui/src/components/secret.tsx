/** A secret: dots until somebody looks, and dots again soon after. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Message } from "../generated/schema";
import { CallFailed } from "../platform";
import { problemOf } from "../store/calls";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { message } from "../words/words";
import { Copy } from "./copy";
import { Icon } from "./icon";

const SHOWN_MS = 30_000;
const DOTS = "••••••••••••";

type Props = { read: () => Promise<string | null>; label: string };

/** `read` fetches the secret when it is looked at or copied, null where there is none; `label` says what it is. */
export function SecretText({ read, label }: Props) {
  const words = useWords();
  const [shown, setShown] = useState<string | null>(null);
  const [problem, setProblem] = useState<Message | null>(null);

  useEffect(() => {
    if (shown === null) return;
    const hide = () => setShown(null);
    const timer = setTimeout(hide, SHOWN_MS);
    window.addEventListener("blur", hide);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("blur", hide);
    };
  }, [shown]);

  const fetched = async () => {
    const secret = await read();
    if (!secret) throw new CallFailed({ code: "not_found", message: message("app.no_secret") });
    return secret;
  };
  const look = async () => {
    setProblem(null);
    try {
      setShown(shown === null ? await fetched() : null);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const eye = shown === null ? words.t("app.reveal") : words.t("app.conceal");
  return (
    <span className="row" style={{ gap: 2 }}>
      <span className="mono cut">{shown ?? DOTS}</span>
      <Tooltip label={eye}>
        <ActionIcon aria-label={eye} aria-pressed={shown !== null} onClick={() => void look()}>
          <Icon name={shown === null ? "eye" : "eye-off"} size={16} />
        </ActionIcon>
      </Tooltip>
      <Copy text={fetched} label={label} />
      {problem ? (
        <span role="alert" className="sm" data-tone="bad" style={{ color: "var(--tone)" }}>
          <Said alone message={problem} />
        </span>
      ) : null}
    </span>
  );
}
