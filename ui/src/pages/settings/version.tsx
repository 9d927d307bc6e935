/** The version that runs, the one that is newer, and what can be done about it. */
import { Button } from "@mantine/core";
import { Confirm } from "../../components/confirm";
import { Copy } from "../../components/copy";
import { Note } from "../../components/note";
import { OptionRow } from "../../components/option";
import { Since } from "../../components/time";
import type { Message, NewerVersion } from "../../generated/schema";
import type { UpdateStage, UpdateStatus } from "../../generated/shell";
import { useShellStatus } from "../../shell/shell-status";
import { useDo, useShellDo } from "../../store/calls";
import { useIsLive, useView } from "../../store/context";
import { bytes } from "../../words/amounts";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import classes from "./settings.module.css";

type WindowProps = { version: string; update: UpdateStatus };

/** Of the program around the window, which installs what it can. */
export function WindowVersion({ version, update }: WindowProps) {
  const words = useWords();
  const look = useShellDo("update_look");
  const { stage, by_hand: byHand } = update;
  const newer = "newer" in stage ? stage.newer : null;
  const how = byHand ?? (stage.is === "ready" ? message("settings.update_ready_meaning") : null);
  return (
    <>
      <VersionRow
        version={version}
        said={newer ? null : saidOf(stage)}
        askedMs={update.asked_ms}
        problem={update.problem ?? look.problem}
        running={stage.is === "asking"}
        look={() => void look.run({}).catch(() => undefined)}
      />
      {update.undone ? (
        <div className={classes["inside"]}>
          <Note tone="you" icon="alert-triangle" title={update.undone} />
        </div>
      ) : null}
      {newer ? (
        <Newer
          title={saidOf(stage)}
          newer={newer}
          how={how}
          action={<Deed stage={stage} hand={byHand} />}
        />
      ) : null}
      {update.kept ? (
        <OptionRow
          title={message("settings.update_kept")}
          meaning={update.kept}
          control={() => (
            <Copy
              text={update.kept ?? ""}
              label={words.t("settings.copy_path", { what: words.t("settings.update_kept") })}
            />
          )}
        />
      ) : null}
    </>
  );
}

/** Of a perpetua without a window, which only says it. */
export function NodeVersion() {
  const isLive = useIsLive();
  const version = useView((view) => view.status?.version) ?? "";
  const known = useView((view) => view.status?.update) ?? null;
  const look = useDo("update_check");
  const isNewest = known?.asked_ms && !known.problem;
  const said = message(isNewest ? "settings.update_newest" : "settings.update_unasked");
  return (
    <>
      <VersionRow
        version={version}
        said={known?.newer ? null : said}
        askedMs={known?.asked_ms ?? null}
        problem={known?.problem ?? look.problem}
        running={look.running}
        disabled={!isLive}
        look={() => void look.run({}).catch(() => undefined)}
      />
      {known?.newer ? (
        <Newer
          title={message("settings.update_out", { version: known.newer.version })}
          newer={known.newer}
          how={howOf(known.newer, version)}
          action={null}
        />
      ) : null}
    </>
  );
}

function howOf({ version, page }: NewerVersion, own: string): Message {
  return page === null
    ? message("update.newer", { version, own })
    : message("update.newer_at", { version, own, page });
}

function saidOf(stage: UpdateStage): Message {
  switch (stage.is) {
    case "asking":
      return message("settings.update_asking");
    case "newest":
      return message("settings.update_newest");
    case "out":
      return message("settings.update_out", { version: stage.newer.version });
    case "downloading":
      return message("settings.update_loading", { version: stage.newer.version });
    case "ready":
      return message("settings.update_ready", { version: stage.newer.version });
    case "unknown":
      return message("settings.update_unasked");
  }
}

type RowProps = {
  version: string;
  /** Nothing where the newer one has a row of its own. */
  said: Message | null;
  askedMs: number | null;
  problem: Message | null;
  running: boolean;
  disabled?: boolean;
  look: () => void;
};

function VersionRow({ version, said, askedMs, problem, running, disabled, look }: RowProps) {
  const words = useWords();
  return (
    <OptionRow
      title={message("settings.update_now")}
      meaning={said ?? undefined}
      problem={problem}
      control={(described) => (
        <span className={classes["version"]}>
          {askedMs === null ? null : (
            <span className="quiet sm">
              <Since at={askedMs} />
            </span>
          )}
          <span className="num">{version}</span>
          <Button
            loading={running}
            disabled={disabled ?? false}
            onClick={look}
            aria-describedby={described["aria-labelledby"]}
          >
            {words.t("settings.update_check_do")}
          </Button>
        </span>
      )}
    />
  );
}

type NewerProps = {
  title: Message;
  newer: NewerVersion;
  how: Message | null;
  action: React.ReactNode;
};

/** What is new, and the way to it. */
function Newer({ title, newer: { notes, page }, how, action }: NewerProps) {
  const words = useWords();
  return (
    <>
      <OptionRow title={title} meaning={how ?? undefined} control={() => action}>
        {notes ? (
          <details className={classes["notes"]}>
            <summary>{words.t("settings.update_notes")}</summary>
            <pre>{notes}</pre>
          </details>
        ) : null}
      </OptionRow>
      {page ? (
        <OptionRow
          title={message("settings.update_page")}
          meaning={page}
          control={() => <Copy text={page} label={words.t("client.copy_address")} />}
        />
      ) : null}
    </>
  );
}

/** The one thing that can be done now. */
function Deed({ stage, hand }: { stage: UpdateStage; hand: Message | null }) {
  const words = useWords();
  const download = useShellDo("update_download");
  const cancel = useShellDo("update_cancel");
  if (hand) return null;
  if (stage.is === "out") {
    return (
      <Button onClick={() => void download.run({}).catch(() => undefined)}>
        {words.t("settings.update_download_do")}
      </Button>
    );
  }
  if (stage.is === "downloading") {
    return (
      <span className={classes["version"]}>
        <span className="num quiet sm" role="status">
          {progressOf(stage.received, stage.total)}
        </span>
        <Button onClick={() => void cancel.run({}).catch(() => undefined)}>
          {words.t("settings.update_cancel_do")}
        </Button>
      </span>
    );
  }
  return stage.is === "ready" ? <InstallNow /> : null;
}

function progressOf(received: number, total: number | null): string {
  return total === null ? bytes(received) : `${bytes(received)} / ${bytes(total)}`;
}

/** Asks first: bots are offline meanwhile. */
function InstallNow() {
  const words = useWords();
  const system = useShellStatus()?.system;
  const install = useShellDo("update_install");
  const question =
    system === "linux" ? "settings.update_install_question" : "settings.update_install_elsewhere";
  return (
    <Confirm
      question={message(question)}
      verb={message("settings.restart_verb")}
      onConfirm={() => void install.run({}).catch(() => undefined)}
    >
      {(open) => (
        <Button variant="filled" loading={install.running} onClick={open}>
          {words.t("settings.update_install_do")}
        </Button>
      )}
    </Confirm>
  );
}
