/** The simulator beside the last step: somebody says something, and the bot is seen to answer. */
import { Skeleton } from "@mantine/core";
import { useEffect } from "react";
import { ProblemNote } from "../../components/note";
import { Late } from "../../components/page";
import type { AccountStatus, ChatId, World } from "../../generated/schema";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { Composer } from "../chat/composer";
import { useConversation } from "../chat/conversation";
import { nameOf } from "../chat/place";
import { Suggestions } from "../chat/suggestions";
import type { Talk, TalkView } from "../chat/talk";
import { TalkList } from "../chat/talk-list";
import { useTalk } from "../chat/use-talk";
import classes from "./welcome.module.css";

/** Its first group, or its first friend. */
function firstChat(world: World): ChatId | null {
  const [group] = world.groups;
  if (group) return { group: group.group_id };
  const [friend] = world.friends;
  return friend ? { user: friend.user_id } : null;
}

type Props = {
  account: AccountStatus;
  /** What the composer offers, once there is somebody to answer. */
  say: string | undefined;
};

export function SimulatorTalk({ account, say }: Props) {
  const { talk, view } = useTalk(account.name, account.upstream.since_ms);
  const { world } = view;
  if (!world) {
    return view.problem ? (
      <ProblemNote problem={view.problem} again={() => void talk.meet()} />
    ) : (
      <Late>
        <Skeleton height={360} radius="lg" />
      </Late>
    );
  }
  const chat = firstChat(world);
  return chat ? <FirstChat {...{ account, say, talk, view, world, chat }} /> : null;
}

type ChatProps = Props & { talk: Talk; view: TalkView; world: World; chat: ChatId };

function FirstChat({ account, say, talk, view, world, chat }: ChatProps) {
  const words = useWords();
  const { room, selected, deeds, suggestions, composer } = useConversation({
    talk,
    view,
    world,
    chat,
    say,
  });
  useEffect(() => talk.open(chat), [talk, chat]);
  return (
    <section className={`card ${classes["talk"]}`} aria-label={words.t("welcome.talk")}>
      <h2 className={classes["talkName"]} dir="auto">
        {harmlessName(nameOf(world, chat))}
      </h2>
      <TalkList
        account={account.name}
        room={room}
        world={world}
        selected={selected}
        deeds={{ ...deeds, showFrames: null }}
        onOlder={() => talk.older(chat)}
        onRetry={() => talk.retry(chat)}
        empty={<Suggestions {...suggestions} />}
      />
      <Composer {...composer} />
    </section>
  );
}
