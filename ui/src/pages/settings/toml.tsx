/** `/settings/toml`: all settings as they are written, with their faults in the margin. */
import { Button, Skeleton } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { type KeyboardEvent, useRef } from "react";
import { Ask } from "../../components/ask";
import { isComposing } from "../../components/keys";
import { Note, ProblemNote } from "../../components/note";
import { ResultLine } from "../../components/option";
import { Late } from "../../components/page";
import { useShell, useShellDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { Editor, type EditorHandle } from "./editor";
import { LeavesHost } from "./outcome";
import classes from "./toml.module.css";
import { type File, useFile } from "./use-file";

/** Ctrl S or ⌘ S saves; what was typed is not left without a question. */
export function Toml() {
  const words = useWords();
  const isLive = useIsLive();
  const file = useFile();
  const editor = useRef<EditorHandle>(null);
  const leaving = useBlocker({
    shouldBlockFn: () => file.isChanged,
    enableBeforeUnload: () => file.isChanged,
    withResolver: true,
  });
  if (file.text === null) {
    return file.problem ? (
      <ProblemNote problem={file.problem} again={file.again} />
    ) : (
      <Late>
        <Skeleton height={320} radius="lg" />
      </Late>
    );
  }
  const pressed = (event: KeyboardEvent) => {
    if (isComposing(event) || event.key.toLowerCase() !== "s") return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (isLive) file.save();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the key of the editor is heard around it
    <div onKeyDown={pressed}>
      {file.theirs === null ? null : <Conflict file={file} theirs={file.theirs} />}
      <Editor
        ref={editor}
        label={words.t("settings.file")}
        text={file.text}
        marked={file.faults.map(({ line }) => line)}
        onChange={file.type}
      />
      <Faults file={file} onGo={(line, column) => editor.current?.go(line, column)} />
      {file.asks ? <Agreement asks={file.asks} /> : null}
      <div className={classes["foot"]}>
        <span className="grow">
          <ResultLine result={file.result} />
        </span>
        <OpenElsewhere />
        <Button
          variant="filled"
          aria-keyshortcuts="Control+S"
          loading={file.saving}
          disabled={!isLive || !file.isChanged || file.theirs !== null}
          onClick={file.save}
        >
          {words.t("settings.save_file")}
        </Button>
      </div>
      <Ask
        opened={leaving.status === "blocked"}
        title={message("settings.leave_title")}
        question={message("settings.leave_question")}
        verb={message("settings.leave")}
        onConfirm={() => leaving.proceed?.()}
        onClose={() => leaving.reset?.()}
      />
    </div>
  );
}

/** Both are shown; a person decides. */
function Conflict({ file, theirs }: { file: File; theirs: string }) {
  const words = useWords();
  return (
    <div className={classes["conflict"]}>
      <Note
        alert
        tone="you"
        icon="file-alert"
        title={message("settings.changed_elsewhere")}
        action={
          <>
            <Button onClick={file.takeTheirs}>{words.t("settings.take_theirs")}</Button>
            <Button onClick={file.keepMine}>{words.t("settings.keep_mine")}</Button>
          </>
        }
      >
        {words.t("settings.theirs")}
      </Note>
      <textarea
        readOnly
        wrap="off"
        className={`mono ${classes["theirs"]}`}
        aria-label={words.t("settings.theirs")}
        rows={8}
        value={theirs}
      />
    </div>
  );
}

type FaultsProps = { file: File; onGo: (line: number, column: number) => void };

/** Each leads to its place. */
function Faults({ file: { faults, problem }, onGo }: FaultsProps) {
  const words = useWords();
  if (faults.length === 0) {
    return problem ? (
      <div className={classes["faults"]}>
        <ProblemNote problem={problem} />
      </div>
    ) : null;
  }
  return (
    <div className={classes["faults"]}>
      <Note
        alert
        tone="bad"
        icon="file-alert"
        title={problem ?? message("settings.file_wrong", { line: faults[0]?.line ?? 1 })}
      >
        <ul>
          {faults.map(({ line, column, path, message: fault }) => (
            <li key={`${line} ${column} ${path} ${fault.code}`}>
              <button type="button" className={classes["go"]} onClick={() => onGo(line, column)}>
                {words.t("settings.at_line", { line })}
              </button>{" "}
              <Said alone message={fault} />
            </li>
          ))}
        </ul>
      </Note>
    </div>
  );
}

/** What opens this page to others, or would close it to this one, takes a second click. */
function Agreement({ asks }: { asks: NonNullable<File["asks"]> }) {
  const words = useWords();
  const isLive = useIsLive();
  if (asks.problem.code !== "edit.opens_to_others") return <LeavesHost {...asks} />;
  return (
    <div className={classes["faults"]}>
      <Note
        alert
        tone="you"
        icon="world-exclamation"
        title={message("settings.open_not_yet")}
        action={
          <>
            <Button autoFocus onClick={asks.leave}>
              {words.t("settings.stay_closed")}
            </Button>
            <Button color="bad" variant="filled" disabled={!isLive} onClick={asks.agree}>
              {words.t("client.agree_open")}
            </Button>
          </>
        }
      >
        {words.t("settings.open")}
      </Note>
    </div>
  );
}

/** In the system's own editor; a browser cannot. */
function OpenElsewhere() {
  const words = useWords();
  const shell = useShell();
  const edit = useShellDo("settings_open");
  if (!shell) return null;
  return (
    <>
      <Button onClick={() => void edit.run({}).catch(() => undefined)}>
        {words.t("settings.go_to_line")}
      </Button>
      {edit.problem ? (
        <div className={classes["unopened"]}>
          <ProblemNote problem={edit.problem} />
        </div>
      ) : null}
    </>
  );
}
