/** The lines of a chat. It stays at the end, unless somebody has scrolled up to read. */
import { Button, Skeleton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/note";
import { Late } from "../../components/page";
import { type ListHandle, VirtualList } from "../../components/virtual-list";
import type { ChatLine, World } from "../../generated/schema";
import { useWords } from "../../words/context";
import { Line, type MessageDeeds, Waiting } from "./line";
import { recalledIn, unanswered } from "./lines";
import type { Room } from "./talk";
import classes from "./talk-list.module.css";

type Item =
  | { kind: "older" }
  | { kind: "line"; line: ChatLine }
  | { kind: "waiting"; clients: string[] };

type Props = {
  account: string;
  room: Room;
  world: World;
  selected: number | null;
  deeds: MessageDeeds;
  onOlder: () => Promise<void>;
  onRetry: () => void;
  /** What an empty chat shows. */
  empty: ReactNode;
};

/** About the height of a message of one line. */
const HEIGHT = 72;

/** Where the list stands, and how many lines have come below what is seen. */
function useFollowing(lines: readonly ChatLine[], count: number) {
  const list = useRef<ListHandle>(null);
  const isAtEnd = useRef(true);
  const picture = useRef(0);
  const lastSeen = useRef(lines.at(-1)?.id ?? 0);
  const [unseen, setUnseen] = useState(0);
  const last = lines.at(-1)?.id ?? 0;

  const toEnd = useCallback(() => {
    isAtEnd.current = true;
    setUnseen(0);
    // Rows are measured when they have been drawn; the end is where it is only after that.
    const scroll = () => list.current?.scrollTo(count - 1, "end");
    const next = (then: () => void) => {
      cancelAnimationFrame(picture.current);
      picture.current = requestAnimationFrame(then);
    };
    scroll();
    next(() => {
      scroll();
      next(scroll);
    });
  }, [count]);

  useLayoutEffect(() => {
    if (isAtEnd.current) {
      lastSeen.current = last;
      toEnd();
    } else {
      setUnseen(lines.filter(({ id }) => id > lastSeen.current).length);
    }
  }, [last, lines, toEnd]);

  const scrolled = () => {
    isAtEnd.current = list.current?.isAtEnd() ?? true;
    if (isAtEnd.current) {
      lastSeen.current = last;
      setUnseen(0);
    }
  };
  return { list, unseen, scrolled, toEnd };
}

/** Virtualised: rows differ in height and are measured. */
export function TalkList(props: Props) {
  const { account, room, world, selected, deeds } = props;
  const words = useWords();
  const navigate = useNavigate();
  const { lines } = room;
  const recalled = useMemo(() => recalledIn(lines), [lines]);
  const waiting = unanswered(lines);
  const items = useMemo(() => {
    const all: Item[] = lines.map((line) => ({ kind: "line", line }));
    if (room.more) all.unshift({ kind: "older" });
    if (waiting) all.push({ kind: "waiting", clients: waiting });
    return all;
  }, [lines, room.more, waiting]);
  const { list, unseen, scrolled, toEnd } = useFollowing(lines, items.length);
  const [fetching, setFetching] = useState(false);

  const older = async () => {
    const first = lines[0]?.id;
    setFetching(true);
    await props.onOlder();
    setFetching(false);
    // The line that was on top stays on top.
    requestAnimationFrame(() => {
      const place = itemsNow.current.findIndex(
        (item) => item.kind === "line" && item.line.id === first,
      );
      if (place >= 0) list.current?.scrollTo(place, "start");
    });
  };
  const itemsNow = useRef(items);
  useLayoutEffect(() => {
    itemsNow.current = items;
  });

  if (room.problem && lines.length === 0) {
    return (
      <div className={classes["rest"]}>
        <ProblemNote problem={room.problem} again={props.onRetry} />
      </div>
    );
  }
  if (!room.loaded) {
    return (
      <div className={classes["rest"]} aria-busy>
        <Late>
          <Skeleton height={48} width="50%" />
          <Skeleton height={48} width="60%" />
        </Late>
      </div>
    );
  }
  if (lines.length === 0) return <div className={classes["rest"]}>{props.empty}</div>;

  return (
    <div className={classes["box"]}>
      <VirtualList
        items={items}
        keyOf={(item) => (item.kind === "line" ? item.line.id : item.kind)}
        height={HEIGHT}
        measured
        label={words.t("talk.messages")}
        role="log"
        className={classes["list"]}
        handle={list}
        onScroll={scrolled}
      >
        {(item) => {
          if (item.kind === "older") {
            return (
              <div className={classes["older"]}>
                {room.problem && !fetching ? (
                  <ProblemNote problem={room.problem} again={() => void older()} />
                ) : (
                  <Button size="xs" loading={fetching} onClick={() => void older()}>
                    {words.t("talk.older")}
                  </Button>
                )}
              </div>
            );
          }
          if (item.kind === "waiting") {
            return (
              <Waiting
                clients={item.clients}
                connect={() => void navigate({ to: "/clients", search: { add: true } })}
              />
            );
          }
          const { line } = item;
          const id = line.deed === "message" ? line.message_id : 0;
          return (
            <Line
              account={account}
              line={line}
              world={world}
              selected={line.id === selected}
              recalled={recalled.has(id)}
              deeds={deeds}
            />
          );
        }}
      </VirtualList>
      {unseen > 0 ? (
        <Button
          className={classes["unseen"] ?? ""}
          onClick={toEnd}
          leftSection={<Icon name="arrow-down" size={14} />}
        >
          {words.t("talk.new", { count: unseen })}
        </Button>
      ) : null}
    </div>
  );
}
