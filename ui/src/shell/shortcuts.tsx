/** The keys that work everywhere, and the list of them. */
import { Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { isComposing } from "../components/keys";
import { part } from "../platform/part";
import { usePlatform } from "../store/context";
import { useWords } from "../words/context";
import { usePlaces } from "./places";
import classes from "./shortcuts.module.css";

/** It comes when it is asked for the first time. */
const Palette = lazy(async () => ({
  default: (await part(() => import("./palette"))).Palette,
}));

const isMac = /mac/i.test(navigator.platform);

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]")
  );
}

/** Ctrl or ⌘ with K opens the palette, in a window with a digit a page; `?` shows the list. */
export function Shortcuts() {
  const words = useWords();
  const navigate = useNavigate();
  const [shown, setShown] = useState(false);
  const { daily, rest } = usePlaces();
  // A browser has other tabs behind these keys.
  const { kind } = usePlatform();
  const places = kind === "window" ? [...daily, ...rest] : [];
  // By what they are, so that the keys are not listened to anew with every snapshot.
  const paths = places.map(({ to }) => to).join(" ");
  const [palette, setPalette] = useState<"never" | "open" | "closed">("never");

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (isComposing(event) || event.defaultPrevented || event.altKey) return;
      const to = paths.split(" ")[Number.parseInt(event.key, 10) - 1];
      const isHeld = isMac ? event.metaKey : event.ctrlKey;
      if (to && isHeld) {
        event.preventDefault();
        void navigate({ to });
      } else if (isHeld && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette((before) => (before === "open" ? "closed" : "open"));
      } else if (event.key === "?" && !isTyping(event.target)) {
        setShown(true);
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [navigate, paths]);

  const held = isMac ? "⌘" : "Ctrl";
  const rows = [
    ...places.map(({ word }, place) => ({
      keys: [held, String(place + 1)],
      what: words.say({ code: word }),
    })),
    { keys: [held, "K"], what: words.t("palette.key_open") },
    { keys: ["Esc"], what: words.t("app.key_close") },
    { keys: ["?"], what: words.t("app.key_help") },
  ];
  return (
    <>
      {palette === "never" ? null : (
        <Suspense>
          <Palette opened={palette === "open"} onClose={() => setPalette("closed")} />
        </Suspense>
      )}
      <Modal
        opened={shown}
        onClose={() => setShown(false)}
        title={words.t("app.keys")}
        closeButtonProps={{ "aria-label": words.t("app.close") }}
      >
        <dl className={classes["list"]}>
          {rows.map(({ keys, what }) => (
            <div key={what} className={classes["row"]}>
              <dt>{what}</dt>
              <dd className="row">
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </Modal>
    </>
  );
}
