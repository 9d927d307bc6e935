/** One simulator: its chats, the talk of one of them, and the raw frames behind a message. */
import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/note";
import { Late, Page } from "../../components/page";
import type { ChatId, World } from "../../generated/schema";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { Sentence } from "../../words/said";
import { Composer } from "./composer";
import { useConversation } from "./conversation";
import { MakeEvent } from "./make-event";
import { chatOf, groupOf, hasBot, keyOf, nameOf } from "./place";
import { Raw } from "./raw";
import { Rooms } from "./rooms";
import classes from "./simulator.module.css";
import { Suggestions } from "./suggestions";
import type { Talk, TalkView } from "./talk";
import { TalkList } from "./talk-list";
import { useAtMostEvery } from "./use-at-most-every";
import { useTalk } from "./use-talk";

type Props = { account: string; start: number; title: string; choice: ReactNode };

/** However much is said, the frames of no more than these are asked for. */
const FRAMES_AT_MOST_EVERY_MS = 250;

/** Where the choice to fold the frames away is kept. */
const FOLDED = "perpetua.frames-folded";

/** Beside the talk where there is room, and then remembered; else over it, and closed at first. */
function useFrames(): { shown: boolean; show: (shown: boolean) => void } {
  const isWide = useMediaQuery("(min-width: 60em)", undefined, { getInitialValueInEffect: false });
  const [folded, setFolded] = useState(() => localStorage.getItem(FOLDED) === "true");
  const [over, setOver] = useState(false);
  const show = (shown: boolean) => {
    if (!isWide) {
      setOver(shown);
      return;
    }
    setFolded(!shown);
    localStorage.setItem(FOLDED, String(!shown));
  };
  return { shown: isWide ? !folded : over, show };
}

/** The chat that is shown where the address names none. */
function firstOf(world: World | null): ChatId | null {
  const [group, friend] = [world?.groups[0], world?.friends[0]];
  if (group) return { group: group.group_id };
  return friend ? { user: friend.user_id } : null;
}

/** Fills the window. */
export function SimulatorPage({ account, start, title, choice }: Props) {
  const { chat: named } = useParams({ strict: false });
  const { talk, view } = useTalk(account, start);
  const { world } = view;
  const asked = useMemo(() => chatOf(named), [named]);
  const first = useMemo(() => firstOf(world), [world]);
  const chat = asked ?? first;
  if (!world) {
    return (
      <Page title={title} actions={choice}>
        {view.problem ? (
          <ProblemNote problem={view.problem} again={() => void talk.meet()} />
        ) : (
          <Late>
            <Skeleton height={320} />
          </Late>
        )}
      </Page>
    );
  }
  if (!chat) return <Page title={title}>{null}</Page>;
  return (
    <TalkPage
      key={keyOf(chat)}
      {...{ account, title, choice, talk, view, world, chat }}
      isChosen={asked !== null}
    />
  );
}

type TalkProps = Omit<Props, "start"> & {
  talk: Talk;
  view: TalkView;
  world: World;
  chat: ChatId;
  /** The address names the chat: on a phone it is shown instead of the list. */
  isChosen: boolean;
};

function TalkPage({ account, title, choice, talk, view, world, chat, isChosen }: TalkProps) {
  const frames = useFrames();
  const { say } = useSearch({ strict: false });
  const conversation = useConversation({ talk, view, world, chat, say });
  const { room, selected, deeds } = conversation;
  useEffect(() => talk.open(chat), [talk, chat]);

  const lines = room.loaded ? room.lines : [];
  const latest = lines.findLast((line) => !line.by_bot) ?? lines.at(-1) ?? null;
  const followed = useAtMostEvery(FRAMES_AT_MOST_EVERY_MS, latest);
  const shownLine = lines.find(({ id }) => id === selected) ?? followed;
  const open = useRef(frames.show);
  useEffect(() => {
    open.current = frames.show;
  });
  const { select } = conversation;
  // The same one each time: lines are drawn again only when something of theirs is another.
  const shows = useMemo(
    () => ({
      ...deeds,
      showFrames: (line: { id: number }) => {
        select(line.id);
        open.current(true);
      },
    }),
    [deeds, select],
  );
  return (
    <Page
      title={title}
      fill
      actions={
        <>
          {choice}
          <MakeEvent account={account} scene={conversation.scene} />
        </>
      }
    >
      <div
        className={classes["chat"]}
        data-frames={frames.shown}
        data-view={frames.shown ? "frames" : isChosen ? "talk" : "rooms"}
      >
        <Rooms account={account} world={world} rooms={view.rooms} current={keyOf(chat)} />
        <section className={classes["talk"]} aria-label={harmlessName(nameOf(world, chat))}>
          <TalkHead
            world={world}
            chat={chat}
            framesShown={frames.shown}
            onFrames={() => frames.show(!frames.shown)}
          />
          <TalkList
            account={account}
            room={room}
            world={world}
            selected={selected}
            deeds={shows}
            onOlder={() => talk.older(chat)}
            onRetry={() => talk.retry(chat)}
            empty={<Suggestions {...conversation.suggestions} />}
          />
          <Composer {...conversation.composer} />
        </section>
        {frames.shown ? (
          <Raw
            account={account}
            line={shownLine}
            newest={room.lines.at(-1)?.id ?? 0}
            onClose={() => frames.show(false)}
          />
        ) : null}
      </div>
    </Page>
  );
}

type HeadProps = { world: World; chat: ChatId; framesShown: boolean; onFrames: () => void };

function TalkHead({ world, chat, framesShown, onFrames }: HeadProps) {
  const words = useWords();
  const navigate = useNavigate();
  const group = groupOf(world, chat);
  const facts = [String("group" in chat ? chat.group : chat.user)];
  if (group) facts.push(words.t("talk.members", { count: group.members.length }));
  const role = group?.members.find(({ user_id }) => user_id === world.self_id)?.role;
  if (group && !hasBot(world, group)) facts.push(words.t("talk.bot_outside"));
  else if (role) {
    const roles = { owner: "talk.role_owner", admin: "talk.role_admin" } as const;
    const word = roles[role as keyof typeof roles] ?? "talk.role_member";
    facts.push(words.t("talk.role", { name: harmlessName(world.self_name), role: { code: word } }));
  }
  if (group?.whole_ban) facts.push(words.t("talk.silenced"));
  const [back, frames] = [words.t("app.back"), words.t("talk.frames")];
  return (
    <header className={classes["head"]}>
      <ActionIcon
        className={classes["back"] ?? ""}
        aria-label={back}
        onClick={() => void navigate({ to: "/chat" })}
      >
        <Icon name="chevron-left" />
      </ActionIcon>
      <h2 className={classes["name"]}>
        <bdi>{harmlessName(nameOf(world, chat))}</bdi>
      </h2>
      <span className={classes["facts"]}>
        <Sentence text={facts.join(" · ")} />
      </span>
      <Tooltip label={frames}>
        <ActionIcon aria-label={frames} aria-pressed={framesShown} onClick={onFrames}>
          <Icon name="code" />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
