/** Copies a text. The tick comes only when the text is really there. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { usePlatform } from "../store/context";
import { Said } from "../words/said";
import { message } from "../words/words";
import { type CopyResult, copyText } from "./clipboard";
import { Icon } from "./icon";

const SHOWN_MS = 1500;
/** What a person has to read, or to do. */
const SHOWN_LONG_MS = 8000;

/** A text, or where it comes from: a secret is asked for when it is copied. */
export type Copied = string | (() => Promise<string>);

type Result = { state: "idle" } | CopyResult;

/** `copy` and how the last one went. */
export function useCopy(): { copy: (text: Copied) => Promise<void>; result: Result } {
  const platform = usePlatform();
  const [result, setResult] = useState<Result>({ state: "idle" });
  useEffect(() => {
    if (result.state === "idle") return;
    const limit = result.state === "copied" ? SHOWN_MS : SHOWN_LONG_MS;
    const timer = setTimeout(() => setResult({ state: "idle" }), limit);
    return () => clearTimeout(timer);
  }, [result]);
  const copy = async (text: Copied) => {
    setResult(await copyText(platform, text));
  };
  return { copy, result };
}

/** What came of it, in words; empty as long as nothing did. */
export function saying(result: Result): ReactNode {
  switch (result.state) {
    case "idle":
      return "";
    case "copied":
      return <Said message={message("app.copied")} />;
    case "by_hand":
      return <Said message={message("app.copy_by_hand")} />;
    case "failed":
      return <Said alone message={result.problem} />;
  }
}

/** Read aloud, since the tick and the tooltip are only seen. */
function Spoken({ text }: { text: ReactNode }) {
  return (
    <span className="unseen" role="status">
      {text}
    </span>
  );
}

type Props = { text: Copied; label: string };

/** An icon that turns to a tick. `label` says what is copied. */
export function Copy({ text, label }: Props) {
  const { copy, result } = useCopy();
  const said = saying(result);
  const isLong = result.state === "by_hand" || result.state === "failed";
  return (
    <>
      <Tooltip label={said || label} multiline maw={320} {...(isLong ? { opened: true } : {})}>
        <ActionIcon aria-label={label} onClick={() => void copy(text)}>
          <Icon name={result.state === "copied" ? "check" : "copy"} size={16} />
        </ActionIcon>
      </Tooltip>
      <Spoken text={said} />
    </>
  );
}

/** The same as a button with words. */
export function CopyButton({ text, label, primary = false }: Props & { primary?: boolean }) {
  const { copy, result } = useCopy();
  const said = saying(result);
  return (
    <>
      <Tooltip
        label={said}
        opened={result.state === "by_hand" || result.state === "failed"}
        multiline
        maw={320}
      >
        <Button
          variant={primary ? "filled" : "default"}
          leftSection={<Icon name={result.state === "copied" ? "check" : "copy"} size={16} />}
          onClick={() => void copy(text)}
        >
          {label}
        </Button>
      </Tooltip>
      <Spoken text={said} />
    </>
  );
}
