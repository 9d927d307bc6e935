/** The result of something whose place cannot be seen any more: one at a time, for four seconds. */
import { UnstyledButton } from "@mantine/core";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Icon } from "../components/icon";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import classes from "./toast.module.css";

/** `action` is a way back, or to what was made. */
export type ToastContent = {
  said: Message;
  action?: { word: Message; run: () => void };
  /** An action of an earlier one did not work: it stays until it is closed. */
  failed?: boolean;
};

const SHOWN_MS = 4000;
const SHOWN_WITH_ACTION_MS = 10_000;

let current: ToastContent | null = null;
const readers = new Set<() => void>();

/** Shows it in place of the one before it. Errors are no toasts: they stand where they happened, unless that was a toast. */
export function toast(content: ToastContent | null): void {
  current = content;
  for (const reader of readers) reader();
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

/** Where toasts appear. */
export function Toast() {
  const words = useWords();
  const content = useSyncExternalStore(subscribe, () => current);
  const place = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState(false);
  // What held the one before, a pointer or the focus, may have gone with it unheard.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each toast begins anew
  useEffect(() => setHeld(place.current?.matches(":hover, :focus-within") ?? false), [content]);
  useEffect(() => {
    if (!content || held || content.failed) return;
    const limit = content.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS;
    const timer = setTimeout(() => toast(null), limit);
    return () => clearTimeout(timer);
  }, [content, held]);
  return (
    <div className={classes["place"]} role="status" ref={place}>
      {content ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: hovering only makes it stay
        <div
          className={classes["toast"]}
          onMouseEnter={() => setHeld(true)}
          onMouseLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
        >
          <span data-tone={content.failed ? "bad" : "ok"} className={classes["icon"]}>
            <Icon name={content.failed ? "alert-triangle" : "circle-check"} size={16} />
          </span>
          <span className="grow" role={content.failed ? "alert" : undefined}>
            <Said message={content.said} />
          </span>
          {content.failed ? (
            <UnstyledButton className={classes["action"]} onClick={() => toast(null)}>
              {words.t("app.close")}
            </UnstyledButton>
          ) : null}
          {content.action ? (
            <UnstyledButton
              className={classes["action"]}
              onClick={() => {
                content.action?.run();
                toast(null);
              }}
            >
              <Said message={content.action.word} />
            </UnstyledButton>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
