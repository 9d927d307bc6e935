/** Opens a page, an account or a client, or does something, by a few letters of its name. */
import { Modal } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import { isComposing, isKey } from "../../components/keys";
import { ProblemNote } from "../../components/note";
import type { Message } from "../../generated/schema";
import { useShell } from "../../store/calls";
import { useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { useAct } from "./act";
import { type Act, type Entry, entriesOf } from "./entries";
import { found } from "./match";
import classes from "./palette.module.css";

/** More than these are found by another letter. */
const MOST = 50;

type Props = { opened: boolean; onClose: () => void };

/** Each time it is opened it begins anew. */
export function Palette({ opened, onClose }: Props) {
  const words = useWords();
  const [asked, setAsked] = useState<Extract<Act, { do: "end" }> | null>(null);
  const [problem, setProblem] = useState<Message | null>(null);
  const act = useAct();

  useEffect(() => {
    if (opened) setProblem(null);
  }, [opened]);

  const isRunning = useRef(false);
  // A key is pressed more than once before a slow call is over.
  const run = async (deed: Act) => {
    if (isRunning.current) return;
    isRunning.current = true;
    setProblem(null);
    const why = await act(deed);
    isRunning.current = false;
    if (why === null) onClose();
    else setProblem(why);
  };
  const choose = (entry: Entry) => {
    const { act: deed } = entry;
    if (deed.do === "end" && deed.connected > 0) setAsked(deed);
    else void run(deed);
  };
  return (
    <>
      {/* The field hears Escape: an input method's own, which throws away a word, closes nothing. */}
      <Modal.Root
        opened={opened}
        onClose={onClose}
        closeOnEscape={false}
        size={560}
        yOffset="12dvh"
        padding={0}
        // As a class of the content alone: `className` reaches what centres it, too.
        classNames={{ content: classes["content"] ?? "" }}
      >
        <Modal.Overlay />
        <Modal.Content aria-label={words.t("palette.title")}>
          <Search problem={problem} choose={choose} onClose={onClose} />
        </Modal.Content>
      </Modal.Root>
      {asked ? (
        <Ask
          opened
          title={message(asked.deed.do === "stop" ? "palette.stop" : "palette.restart", {
            account: asked.shown,
          })}
          question={message("account.leave_count", { count: asked.connected })}
          verb={message(asked.deed.do === "stop" ? "overview.stop" : "overview.restart")}
          onConfirm={() => void run(asked)}
          onClose={() => setAsked(null)}
        />
      ) : null}
    </>
  );
}

type SearchProps = {
  problem: Message | null;
  choose: (entry: Entry) => void;
  onClose: () => void;
};

/** The focus stays in the field; the arrows walk through the rows. */
function Search({ problem, choose, onClose }: SearchProps) {
  const words = useWords();
  const id = useId();
  const status = useStatus();
  const isLive = useIsLive();
  const hasShell = useShell() !== null;
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(
    () => entriesOf(words, { status, isLive, hasShell }),
    [words, status, isLive, hasShell],
  );
  const rows = useMemo(() => found(all, typed).slice(0, MOST), [all, typed]);
  const chosen = Math.min(at, rows.length - 1);
  const row = (place: number) => `${id}-${place}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen is in sight
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen, rows]);

  const step = (by: number) => setAt((chosen + by + rows.length) % Math.max(rows.length, 1));
  const pressed = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const entry = rows[chosen];
    if (isKey(event, "ArrowDown")) step(1);
    else if (isKey(event, "ArrowUp")) step(-1);
    else if (isKey(event, "Enter") && entry) {
      if (!event.repeat) choose(entry);
    } else if (isKey(event, "Escape")) onClose();
    else return;
    event.preventDefault();
  };
  const none = words.t("palette.none", { asked: typed.trim() });
  return (
    <>
      <div className={classes["asked"]}>
        <Icon name="search" size={16} />
        <input
          data-autofocus
          className={classes["field"]}
          type="text"
          role="combobox"
          aria-label={words.t("palette.ask")}
          aria-expanded={rows.length > 0}
          aria-controls={rows.length > 0 ? id : undefined}
          aria-autocomplete="list"
          aria-activedescendant={rows.length > 0 ? row(chosen) : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={words.t("palette.ask")}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={pressed}
        />
      </div>
      <p className="unseen" role="status">
        {typed.trim() === ""
          ? ""
          : rows.length > 0
            ? words.t("palette.count", { count: rows.length })
            : none}
      </p>
      {problem ? (
        <div className={classes["problem"]}>
          <ProblemNote problem={problem} />
        </div>
      ) : null}
      {rows.length === 0 ? (
        <div className={classes["nothing"]}>
          <p aria-hidden>{none}</p>
          <p className="faint xs">
            <Said message={message("palette.hint")} />
          </p>
        </div>
      ) : (
        <div
          ref={list}
          id={id}
          className={classes["list"]}
          role="listbox"
          aria-label={words.t("palette.results")}
        >
          {rows.map((entry, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the field, which has the focus
            // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus and names the chosen row
            <div
              key={entry.key}
              id={row(place)}
              role="option"
              aria-selected={place === chosen}
              className={classes["entry"]}
              // The focus stays in the field.
              onMouseDown={(event) => event.preventDefault()}
              onMouseMove={() => setAt(place)}
              onClick={() => choose(entry)}
            >
              <Icon name={entry.icon} size={16} />
              <bdi className={classes["name"]}>{entry.name}</bdi>
              {entry.detail ? <bdi className={classes["detail"]}>{entry.detail}</bdi> : null}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
