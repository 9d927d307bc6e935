/** A piece of text to paste: the token in it is dots until it is copied or looked at. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Snippet } from "../../generated/schema";
import { useWords } from "../../words/context";
import { Icon } from "../icon";
import classes from "./connect.module.css";
import { paint } from "./paint";

/** Stands in the text where the token belongs. */
const TOKEN = "{{token}}";
const DOTS = "••••••••••••••••";
const SHOWN_MS = 30_000;

/** The text with the real token. */
export function withToken(snippet: Snippet, token: string | null): string {
  return snippet.text.replaceAll(TOKEN, token ?? "");
}

/** Whether a token belongs into it. */
export function asksForToken(snippet: Snippet): boolean {
  return snippet.text.includes(TOKEN);
}

type Props = {
  snippet: Snippet;
  /** Asks for the token when somebody wants to see it. */
  readToken: () => Promise<string | null>;
  /** The token is a secret that signs. */
  isSecret?: boolean;
};

/** Shown tokens are dots again after half a minute, or when the window is left. */
export function SnippetCode({ snippet, readToken, isSecret = false }: Props) {
  const words = useWords();
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => {
    if (token === null) return;
    const hide = () => setToken(null);
    const timer = setTimeout(hide, SHOWN_MS);
    window.addEventListener("blur", hide);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("blur", hide);
    };
  }, [token]);

  const look = async () => {
    if (token !== null) return setToken(null);
    try {
      setToken((await readToken()) ?? "");
    } catch {
      // Copying says why it cannot be read; looking just stays hidden.
    }
  };
  const eye = words.t(
    token === null
      ? isSecret
        ? "connect.show_secret"
        : "connect.show_token"
      : isSecret
        ? "connect.hide_secret"
        : "connect.hide_token",
  );
  return (
    <section className={classes["code"]} aria-label={snippet.file ?? words.t("connect.lines")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keyboard */}
      <pre tabIndex={0}>
        {paint(snippet.text, snippet.language).map((piece, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no names
          <span key={place} className={classes[piece.kind]}>
            {piece.text.split(TOKEN).map((part, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of one piece have no names
              <span key={at}>
                {at > 0 ? <span className={classes["token"]}>{token ?? DOTS}</span> : null}
                {part}
              </span>
            ))}
          </span>
        ))}
      </pre>
      {asksForToken(snippet) ? (
        <Tooltip label={eye}>
          <ActionIcon
            className={classes["eye"]}
            aria-label={eye}
            aria-pressed={token !== null}
            onClick={() => void look()}
          >
            <Icon name={token === null ? "eye" : "eye-off"} size={16} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </section>
  );
}
