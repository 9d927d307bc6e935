/** What goes on in one chat: what is being written, who speaks, which message is looked at. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type {
  ChatEvent,
  ChatId,
  ChatLine,
  ChatPerson,
  Message,
  World,
} from "../../generated/schema";
import { problemOf } from "../../store/calls";
import { useIsLive, usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { calling, type Draft, draftOf, EMPTY, isEmpty, written } from "./draft";
import type { Scene } from "./event-forms";
import { shortened } from "./foreign";
import type { MessageDeeds } from "./line";
import { lastSaid, type MessageLine, recalledIn } from "./lines";
import { groupOf, hasBot, keyOf, nameIn, speakersOf } from "./place";
import { plainCode, plainText } from "./plain";
import { HELP } from "./suggestions";
import { NO_ROOM, type Talk, type TalkView } from "./talk";

/** Messages that can be chosen for taking back. */
const RECALLABLE = 20;
/** How much of each is shown there, in letters. */
const LABEL = 30;

type Options = {
  talk: Talk;
  view: TalkView;
  world: World;
  chat: ChatId;
  /** What the composer offers: from the beginning, or from when there is somebody to answer. */
  say: string | undefined;
};

/** Everything that the parts of the page need. */
export function useConversation({ talk, view, world, chat, say }: Options) {
  const words = useWords();
  const platform = usePlatform();
  const isLive = useIsLive();
  const key = keyOf(chat);
  const room = view.rooms[key] ?? NO_ROOM;
  const input = useRef<HTMLTextAreaElement>(null);
  const [selected, setSelected] = useState<number | null>(null);
  const [problem, setProblem] = useState<Message | null>(null);
  const [draft, setDraft] = useState<Draft>(
    () => talk.drafts.get(key) ?? (say ? { ...EMPTY, text: say } : EMPTY),
  );
  useEffect(() => {
    talk.drafts.set(key, draft);
  }, [talk, key, draft]);

  const offered = useRef(say);
  useEffect(() => {
    if (offered.current === say) return;
    offered.current = say;
    // What is being written stays.
    if (say) setDraft((present) => (isEmpty(present) ? { ...EMPTY, text: say } : present));
  }, [say]);

  const speakers = useMemo(() => speakersOf(world, chat), [world, chat]);
  const [chosen, setChosen] = useState<number | null>(null);
  const speaker = speakers.find(({ user_id }) => user_id === chosen) ?? speakers[0] ?? null;
  const nameOf = useCallback((id: number) => nameIn(world, chat, id), [world, chat]);
  const lines = useRef(room.lines);
  lines.current = room.lines;

  const answeredOf = (line: MessageLine) => ({
    message_id: line.message_id,
    name: line.by.name,
    text: plainText(line.segments, words),
  });

  const saying = async (what: Draft) => {
    setProblem(null);
    if (!speaker) return;
    try {
      await platform.call("say", {
        account: talk.account,
        chat: String("group" in chat ? chat.group : chat.user),
        speaker: String(speaker.user_id),
        text: written(what),
      });
      talk.said.set(key, what);
    } catch (error) {
      setProblem(problemOf(error));
      // What could not be said is there again, unless something else is being written.
      setDraft((present) => (isEmpty(present) ? what : present));
    }
  };
  const send = () => {
    setDraft(EMPTY);
    void saying(draft);
  };
  const again = (): Draft | null => {
    const said = talk.said.get(key);
    const last = lastSaid(room.lines);
    if (said || !last) return said ?? null;
    return draftOf(last.segments, words.t("talk.everybody"), ({ message_id, quoted }) =>
      quoted
        ? { message_id, name: quoted.by.name, text: plainCode(quoted.text, words, nameOf) }
        : null,
    );
  };

  const simulate = async (event: ChatEvent) => {
    setProblem(null);
    try {
      await platform.call("simulate", { account: talk.account, event });
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  /** People take back their own; what a bot said, the highest in the group does. */
  const recall = (line: MessageLine) => {
    const operator = line.by_bot
      ? groupOf(world, chat)?.members.find(
          ({ role, user_id }) => role === "owner" && user_id !== world.self_id,
        )
      : undefined;
    void simulate({
      event: "recall",
      message_id: line.message_id,
      operator_id: operator?.user_id ?? null,
    });
  };

  const latest = { answeredOf, recall, send, again };
  const now = useRef(latest);
  now.current = latest;
  const deeds: Omit<MessageDeeds, "showFrames"> = useMemo(
    () => ({
      select: (line: ChatLine) => setSelected((present) => (present === line.id ? null : line.id)),
      answer: (line: MessageLine) => {
        setDraft((present) => ({ ...present, answers: now.current.answeredOf(line) }));
        input.current?.focus();
      },
      call: (line: MessageLine) => {
        setDraft((present) => calling(present, line.by, present.text.length).draft);
        input.current?.focus();
      },
      recall: isLive ? (line: MessageLine) => now.current.recall(line) : null,
    }),
    [isLive],
  );

  const writing = useMemo(
    () => ({
      onSpeaker: (person: ChatPerson) => setChosen(person.user_id),
      onSend: () => now.current.send(),
      onAgain: () => now.current.again(),
    }),
    [],
  );
  const bot = useMemo(() => ({ user_id: world.self_id, name: world.self_name }), [world]);
  const group = groupOf(world, chat);
  const isOpen = group === null || hasBot(world, group);
  const callable: ChatPerson[] = useMemo(() => [bot, ...speakers], [bot, speakers]);
  const recalled = recalledIn(room.lines);
  const scene: Scene = {
    world,
    chat,
    messages: room.lines
      .filter(
        (line): line is MessageLine => line.deed === "message" && !recalled.has(line.message_id),
      )
      .slice(-RECALLABLE)
      .reverse(),
    labelOf: (line) => {
      const text = plainText(line.segments, words);
      const name = harmlessName(line.by.name);
      return words.t("talk.said", { name, text: shortened(text, LABEL) ?? text });
    },
    samples: { file: words.t("talk.sample_file"), comment: words.t("talk.sample_comment") },
  };
  const hello = words.t("talk.try_hello", { name: world.self_name });
  return {
    room,
    selected,
    select: setSelected,
    deeds,
    scene,
    suggestions: {
      bot: harmlessName(world.self_name),
      hello,
      canDo: isLive && isOpen && speaker !== null,
      onHelp: () => void saying({ ...EMPTY, text: HELP }),
      onHello: () => void saying({ ...EMPTY, text: hello, called: "group" in chat ? [bot] : [] }),
      onPoke: () =>
        void simulate({
          event: "poke",
          group_id: "group" in chat ? chat.group : null,
          user_id: speaker?.user_id ?? 0,
          target_id: world.self_id,
        }),
    },
    composer: {
      draft,
      onDraft: setDraft,
      speakers,
      speaker,
      ...writing,
      callable,
      isGroup: group !== null,
      problem,
      input,
    },
  };
}
