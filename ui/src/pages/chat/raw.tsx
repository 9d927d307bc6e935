/** The frames of one line: the event that it became, what the bots asked for, what they were answered. */
import { ActionIcon, Tooltip, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useEffect, useRef, useState } from "react";
import { Copy } from "../../components/copy";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/note";
import type { ChatFrame } from "../../generated/schema";
import { problemOf } from "../../store/calls";
import { usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { harmless } from "../../words/harmless";
import { foreignText } from "./foreign";
import { pieces, titleOf } from "./frame-text";
import classes from "./raw.module.css";

/** Frames that belong to a line may still come for so long. */
const COMES_MS = 30_000;
const EVERY_MS = 1000;
/** A longer frame is broken anywhere: each place is an element, and it may have 100,000s of them. */
const BREAKABLE_BELOW = 20_000;
/** However much is said, they are asked for no more often than this. */
const AT_MOST_EVERY_MS = 250;

type Props = {
  account: string;
  /** The line whose frames are shown; null where there is none. */
  line: { id: number; time_ms: number } | null;
  /** Another number whenever something was said: an answer may belong to the line. */
  newest: number;
  onClose: () => void;
};

/** Beside the talk; over it where it is narrow. */
export function Raw({ account, line, newest, onClose }: Props) {
  const words = useWords();
  const platform = usePlatform();
  const comes = () => line !== null && Date.now() - line.time_ms < COMES_MS;
  const frames = useQuery({
    queryKey: ["chat_frames", account, line?.id],
    queryFn: () => platform.call("chat_frames", { account, line: line?.id ?? 0 }),
    enabled: line !== null,
    // Frames are long, pictures among them: those of a line that is left are not kept.
    gcTime: 0,
    refetchInterval: () => (comes() ? EVERY_MS : false),
  });
  const { refetch } = frames;
  const waits = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said just now may have been an answer
  useEffect(() => {
    if (waits.current !== undefined || !comes()) return;
    waits.current = setTimeout(() => {
      waits.current = undefined;
      void refetch({ cancelRefetch: false });
    }, AT_MOST_EVERY_MS);
  }, [newest, refetch]);
  useEffect(() => () => clearTimeout(waits.current), []);
  const all = frames.data ?? [];
  const close = words.t("talk.frames_fold");
  return (
    <section className={classes["raw"]} aria-label={words.t("talk.frames")}>
      <header className={classes["head"]}>
        <h2 className={classes["title"]}>{words.t("talk.frames")}</h2>
        {all.length > 0 ? (
          <Copy text={all.map(({ text }) => text).join("\n")} label={words.t("talk.frames_copy")} />
        ) : null}
        <Tooltip label={close}>
          <ActionIcon aria-label={close} onClick={onClose}>
            <Icon name="x" size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={classes["frames"]}>
        {line === null ? <p className={classes["hint"]}>{words.t("talk.frames_none")}</p> : null}
        {frames.isSuccess && all.length === 0 ? (
          <p className={classes["hint"]}>{words.t("talk.frames_empty")}</p>
        ) : null}
        {frames.error ? (
          <ProblemNote problem={problemOf(frames.error)} again={() => void frames.refetch()} />
        ) : null}
        {all.map((frame, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: frames are only ever added at the end
          <Frame key={place} frame={frame} first={all[0]?.time_ms ?? frame.time_ms} />
        ))}
      </div>
    </section>
  );
}

function clock(time_ms: number): string {
  const moment = new Date(time_ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two);
  return `${h}:${m}:${s}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}

/** A line may end after a comma or a bracket, before anything inside of a word is broken. */
function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[,{[])/).map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a piece never change
    <Fragment key={place}>
      {foreignText(part)}
      {/[,{[]$/.test(part) ? <wbr /> : null}
    </Fragment>
  ));
}

function Frame({ frame, first }: { frame: ChatFrame; first: number }) {
  const words = useWords();
  const [whole, setWhole] = useState(false);
  const { pieces: shown, isCut } = pieces(frame.text, whole);
  const isBreakable = frame.text.length < BREAKABLE_BELOW;
  const heads = {
    event: { icon: "arrow-down", tone: "idle", name: words.t("talk.frame_event") },
    action: { icon: "arrow-up", tone: "busy", name: titleOf(frame.text) ?? "" },
    response: { icon: "arrow-down", tone: "ok", name: words.t("talk.frame_response") },
  } as const;
  const head = heads[frame.kind];
  const beside = {
    event: titleOf(frame.text),
    action: frame.client,
    response: frame.client ? words.t("talk.frame_only", { client: frame.client }) : null,
  }[frame.kind];
  const when =
    frame.kind === "event"
      ? clock(frame.time_ms)
      : words.t("talk.frame_after", { milliseconds: frame.time_ms - first });
  return (
    <article className={classes["frame"]}>
      <div className={classes["what"]}>
        <span data-tone={head.tone} className={classes["direction"]}>
          <Icon name={head.icon} size={14} />
        </span>
        <b className="medium cut">{harmless(head.name)}</b>
        {beside ? <span className="faint cut">{harmless(beside)}</span> : null}
        <span className={classes["when"]}>{when}</span>
      </div>
      <pre className={classes["text"]} dir="ltr">
        {shown.map(({ kind, text }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a frame never change
          <span key={place} data-kind={kind}>
            {kind === "other" && isBreakable ? <Breakable text={text} /> : foreignText(text)}
          </span>
        ))}
      </pre>
      {isCut ? (
        <UnstyledButton className={classes["expand"]} onClick={() => setWhole(!whole)}>
          {whole ? words.t("talk.collapse") : words.t("talk.expand")}
        </UnstyledButton>
      ) : null}
    </article>
  );
}
