/** A core from a file on whoever's machine: dropped here or chosen, and sent to perpetua. */
import { Button, FileButton } from "@mantine/core";
import { type DragEvent, useEffect, useRef, useState } from "react";
import type { Message } from "../../generated/schema";
import type { Browser } from "../../platform";
import { problemOf, useCall } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { bytes } from "../../words/amounts";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import { Icon } from "../icon";
import classes from "./installation.module.css";
import { useJob } from "./job";

type Props = { browser: Browser; onBegun: (() => void) | undefined };

/** What the browser's dialog shows; perpetua looks at what the file holds, whatever it is called. */
const ARCHIVES = ".zip,.tgz,.gz,application/zip,application/gzip";

/** The strip of the installation tells how far it is, here and on every other page. */
export function UploadedFile({ browser, onBegun }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const { data } = useCall("core_list", {});
  const limit = data?.upload_limit ?? null;
  const { send, sending, isTaken, problem } = useUpload(browser, limit, onBegun);
  const isReady = isLive && !isTaken;
  const [isOver, setOver] = useState(false);
  useNothingElsewhere();
  // A browser does not tell of a file that is chosen a second time.
  const reset = useRef<() => void>(null);
  const chosen = (file: File | null) => {
    reset.current?.();
    send(file);
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (isReady) send(event.dataTransfer.files.item(0));
  };
  return (
    <section
      className={`${classes["file"]} ${classes["drop"]}`}
      aria-label={words.t("cores.drop")}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(isReady);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
    >
      <span className="medium">{words.t("cores.drop")}</span>
      <FileButton accept={ARCHIVES} resetRef={reset} onChange={chosen}>
        {(button) => (
          <Button
            {...button}
            variant="filled"
            leftSection={<Icon name="file-import" size={16} />}
            data-autofocus
            loading={sending}
            disabled={!isReady}
          >
            {words.t("cores.choose")}
          </Button>
        )}
      </FileButton>
      {limit === null ? null : (
        <span className={classes["facts"]}>
          {words.t("cores.archive_meaning", { size: bytes(limit) })} {words.t("cores.stay")}
        </span>
      )}
      {isTaken ? (
        <p className={classes["facts"]} role="status">
          <Said alone message={message("install.another_under_way")} />
        </p>
      ) : null}
      {problem ? (
        <p className={classes["problem"]} role="alert">
          <Said alone message={problem} />
        </p>
      ) : null}
    </section>
  );
}

/**
 * `onBegun` is called when the installation can be seen elsewhere; `problem` is why it cannot. `isTaken`: what is
 * being installed is not from here, and nothing can be sent before it has ended.
 */
function useUpload(browser: Browser, limit: number | null, onBegun: Props["onBegun"]) {
  const job = useJob();
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Message | null>(null);
  const isThere = useIsThere();
  const isTaken = job?.state === "running" && !sending;
  // Nothing was being installed when it was sent, so this is what was sent.
  const isSeen = sending && job?.state === "running" && job.step === "uploading";
  useEffect(() => {
    if (isSeen) onBegun?.();
  }, [isSeen, onBegun]);
  const send = (file: File | null) => {
    if (!file || sending || isTaken) return;
    const refused = refusedAtOnce(file, limit);
    setProblem(refused);
    if (refused) return;
    setSending(true);
    browser
      .upload(file)
      .then(() => {
        // Somebody may have opened another dialog meanwhile.
        if (isThere.current) onBegun?.();
      })
      .catch((error: unknown) => setProblem(problemOf(error)))
      .finally(() => setSending(false));
  };
  return { send, sending, isTaken, problem };
}

/** Whether the page still shows this. */
function useIsThere() {
  const isThere = useRef(false);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);
  return isThere;
}

/** A file that is dropped beside the place for it would be opened instead of the page. */
function useNothingElsewhere(): void {
  useEffect(() => {
    const keep = (event: Event) => event.preventDefault();
    window.addEventListener("dragover", keep);
    window.addEventListener("drop", keep);
    return () => {
      window.removeEventListener("dragover", keep);
      window.removeEventListener("drop", keep);
    };
  }, []);
}

/** What perpetua would refuse before it reads it. */
function refusedAtOnce({ name, size }: File, limit: number | null): Message | null {
  if (size === 0) return message("install.upload_empty");
  if (limit === null || size <= limit) return null;
  return message("cores.file_too_large", { name, size: bytes(size), limit: bytes(limit) });
}
