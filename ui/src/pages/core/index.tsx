/** `/core`: the program that logs in to QQ, in the versions that are there. */
import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import { Icon } from "../../components/icon";
import { useJob } from "../../components/installation";
import { useCores } from "../../components/installation/cores";
import { Note, ProblemNote } from "../../components/note";
import { type Result, ResultLine } from "../../components/option";
import { Empty, Late, Page } from "../../components/page";
import type { CoreList } from "../../generated/schema";
import { problemOf, useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useNow } from "../../store/ticker";
import { bytes, time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import classes from "./core.module.css";
import { ImportDialog } from "./import-dialog";
import { Installed } from "./installed";
import { Notices } from "./notices";
import { Sources } from "./sources";
import { Strip } from "./strip";

/** Installing, choosing, going back. */
export function Core() {
  const words = useWords();
  const isLive = useIsLive();
  const list = useCores();
  const check = useDo("core_check", ["core_list"]);
  const [result, setResult] = useState<Result | null>(null);
  const [isImporting, setImporting] = useState(false);
  const look = async () => {
    setResult(null);
    const found = await check.run({}).catch(() => null);
    if (found && (!found.available || found.available.rolled_back))
      setResult({ said: message("cores.no_newer") });
  };
  const problem = check.problem ?? (list.error ? problemOf(list.error) : null);
  const importing = () => setImporting(true);
  return (
    <Page
      title={words.t("app.core")}
      line={words.t("cores.line")}
      actions={
        <>
          <Button
            aria-label={words.t("cores.import")}
            className={classes["action"] ?? ""}
            leftSection={<Icon name="file-import" size={16} />}
            disabled={!isLive}
            onClick={importing}
          >
            <span className={classes["word"]}>{words.t("cores.import")}</span>
          </Button>
          <Button
            aria-label={words.t("cores.check")}
            className={classes["action"] ?? ""}
            leftSection={<Icon name="refresh" size={16} />}
            loading={check.running}
            disabled={!isLive}
            onClick={() => void look()}
          >
            <span className={classes["word"]}>{words.t("cores.check")}</span>
          </Button>
        </>
      }
    >
      <div data-frozen={!isLive} className={classes["parts"]}>
        <Strip />
        {problem ? (
          <ProblemNote
            problem={problem}
            again={check.problem ? () => void look() : () => void list.refetch()}
          />
        ) : null}
        {list.data ? (
          <Cores list={list.data} onResult={setResult} onImport={importing} />
        ) : list.error ? null : (
          <Late>
            <Skeleton height={34} radius="lg" />
            <Skeleton height={120} radius="lg" />
          </Late>
        )}
        <ResultLine result={result} />
      </div>
      {isImporting ? <ImportDialog onClose={() => setImporting(false)} /> : null}
    </Page>
  );
}

type CoresProps = {
  list: CoreList;
  onResult: (result: Result | null) => void;
  onImport: () => void;
};

function Cores({ list, onResult, onImport }: CoresProps) {
  const job = useJob() ?? list.job;
  const isBusy = job.state === "running" || job.state === "unconfirmed";
  const { installed, available } = list;
  return (
    <>
      <Notices installed={installed} />
      {available && !isBusy ? <Available core={available} /> : null}
      {installed.length > 0 ? (
        <Installed versions={installed} onResult={onResult} />
      ) : isBusy || available || job.state === "failed" ? null : (
        <NoCore onImport={onImport} />
      )}
      <Sources list={list} />
    </>
  );
}

function Available({ core }: { core: NonNullable<CoreList["available"]> }) {
  const words = useWords();
  const now = useNow();
  const isLive = useIsLive();
  const install = useDo("core_install", ["core_list"]);
  const begin = () => void install.run({}).catch(() => undefined);
  const { rolled_back: cause, tag: version } = core;
  if (cause) {
    return (
      <Note
        tone="idle"
        icon="info-circle"
        title={message("cores.available_rolled_back", { cause, version })}
        action={
          <Button loading={install.running} disabled={!isLive} onClick={begin}>
            {words.t("setup.install")}
          </Button>
        }
      />
    );
  }
  return (
    <>
      <Note
        tone="busy"
        icon="download"
        title={
          core.size === null
            ? message("cores.available", { version: core.tag })
            : message("cores.available_of", { version: core.tag, size: bytes(core.size) })
        }
        action={
          <Button variant="filled" loading={install.running} disabled={!isLive} onClick={begin}>
            {words.t("setup.install")}
          </Button>
        }
      >
        {core.published_ms === null
          ? null
          : words.t("cores.published", { date: time(words, core.published_ms, now) })}{" "}
        {core.sha256 === null ? words.t("cores.unvouched") : null}
      </Note>
      {install.problem ? <ProblemNote problem={install.problem} again={begin} /> : null}
    </>
  );
}

function NoCore({ onImport }: { onImport: () => void }) {
  const words = useWords();
  const isLive = useIsLive();
  const install = useDo("core_install", ["core_list"]);
  return (
    <>
      {install.problem ? <ProblemNote problem={install.problem} /> : null}
      <Empty
        title={words.t("welcome.core_missing")}
        action={
          <div className="row">
            <Button size="lg" disabled={!isLive} onClick={onImport}>
              {words.t("cores.import")}
            </Button>
            <Button
              size="lg"
              variant="filled"
              loading={install.running}
              disabled={!isLive}
              onClick={() => void install.run({}).catch(() => undefined)}
            >
              {words.t("setup.install")}
            </Button>
          </div>
        }
      >
        {words.t("cores.none_long")}
      </Empty>
    </>
  );
}
