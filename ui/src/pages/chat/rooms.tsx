/** The chats of a simulator, each with what was said last. */
import { Link } from "@tanstack/react-router";
import { memo, useMemo } from "react";
import { Avatar } from "../../components/avatar";
import type { ChatId, ChatLine, World, WorldGroup, WorldPerson } from "../../generated/schema";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import type { Words } from "../../words/words";
import { deedWords } from "./deed";
import { type ChatKey, faceOf, keyOf } from "./place";
import { plainText } from "./plain";
import classes from "./rooms.module.css";
import type { Room } from "./talk";

type Entry = { chat: ChatId; name: string; silence: string };

type Props = {
  account: string;
  world: World;
  rooms: Readonly<Record<ChatKey, Room>>;
  current: ChatKey | null;
};

/** What somebody said or did last, in one line. */
function preview(line: ChatLine, words: Words): string {
  if (line.deed !== "message") {
    const did = words.t("talk.did", { who: harmlessName(line.by.name), what: deedWords(line) });
    return did.replaceAll("`", "");
  }
  const said = plainText(line.segments, words);
  return "user" in line.place.chat && !line.by_bot
    ? said
    : words.t("talk.said", { name: harmlessName(line.by.name), text: said });
}

function entries(world: World, words: Words) {
  const nothing = words.t("talk.nothing_said");
  const group = (silence: string) => (one: WorldGroup) => ({
    chat: { group: one.group_id },
    name: one.name,
    silence,
  });
  const groups: Entry[] = [
    ...world.groups.map(group(nothing)),
    ...world.other_groups.map(group(words.t("talk.bot_outside"))),
  ];
  const person = (silence: string) => (one: WorldPerson) => ({
    chat: { user: one.user_id },
    name: one.name,
    silence,
  });
  const people: Entry[] = [
    ...world.friends.map(person(nothing)),
    ...world.strangers.map(person(words.t("talk.not_friends"))),
  ];
  return [
    { title: words.t("talk.groups"), list: groups },
    { title: words.t("talk.people"), list: people },
  ];
}

/** Groups first, then people. */
export function Rooms({ account, world, rooms, current }: Props) {
  const words = useWords();
  const sections = useMemo(() => entries(world, words), [world, words]);
  return (
    <nav className={classes["rooms"]} aria-label={words.t("talk.rooms")}>
      {sections.map(({ title, list }) => (
        <section key={title} aria-label={title}>
          <h2 className={classes["title"]}>{title}</h2>
          <ul>
            {list.map((entry) => {
              const key = keyOf(entry.chat);
              const last = rooms[key]?.lines.at(-1) ?? null;
              return <Entrance key={key} {...{ account, entry, last }} isOpen={key === current} />;
            })}
          </ul>
        </section>
      ))}
    </nav>
  );
}

type EntranceProps = { account: string; entry: Entry; last: ChatLine | null; isOpen: boolean };

/** Drawn again only when something of it is another: in the chat beside it much may be said. */
const Entrance = memo(function Entrance({ account, entry, last, isOpen }: EntranceProps) {
  const words = useWords();
  const now = useNow();
  const { chat, name, silence } = entry;
  const key = keyOf(chat);
  return (
    <li>
      <Link
        to="/chat/$account/$chat"
        params={{ account, chat: key }}
        className={classes["room"]}
        aria-current={isOpen ? "true" : undefined}
      >
        <Avatar name={"user" in chat ? faceOf(name) : name} colourBy={key} size={32} />
        <span className="grow">
          <span className={classes["name"]}>
            <bdi>{harmlessName(name)}</bdi>
          </span>
          <span className={classes["last"]}>
            <bdi>{last ? preview(last, words) : silence}</bdi>
          </span>
        </span>
        {last ? <time className={classes["time"]}>{time(words, last.time_ms, now)}</time> : null}
      </Link>
    </li>
  );
});
