/** One line of a talk: what somebody said in a bubble, what somebody did as a sentence. */
import { ActionIcon, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { memo, useEffect, useState } from "react";
import { Avatar } from "../../components/avatar";
import { Icon } from "../../components/icon";
import type { ChatLine, World } from "../../generated/schema";
import { useSaidCopy } from "../../shell/said-copy";
import { useNow } from "../../store/ticker";
import { time } from "../../words/amounts";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { Sentence } from "../../words/said";
import { message, type Words } from "../../words/words";
import { deedWords } from "./deed";
import classes from "./line.module.css";
import type { MessageLine } from "./lines";
import { MessageText } from "./message-text";
import { faceOf, nameIn } from "./place";
import { plainCode, plainText } from "./plain";

/** What can be done with a message. */
export type MessageDeeds = {
  select: (line: ChatLine) => void;
  /** Null where there is no room for them. */
  showFrames: ((line: ChatLine) => void) | null;
  answer: (line: MessageLine) => void;
  call: (line: MessageLine) => void;
  /** Null while nothing can be changed. */
  recall: ((line: MessageLine) => void) | null;
};

type Props = {
  account: string;
  line: ChatLine;
  world: World;
  selected: boolean;
  recalled: boolean;
  deeds: MessageDeeds;
};

/** What tells a font and a voice that a text is Chinese. */
const CHINESE = /\p{Script=Han}/u;

/** Drawn again only when something of it is another. */
export const Line = memo(function Line(props: Props) {
  const { line } = props;
  return line.deed === "message" ? <Bubble {...props} line={line} /> : <Happened line={line} />;
});

function Happened({ line }: { line: Exclude<ChatLine, { deed: "message" }> }) {
  const words = useWords();
  const now = useNow();
  const what = words.t("talk.did", { who: harmlessName(line.by.name), what: deedWords(line) });
  return (
    <p className={classes["happened"]} dir="auto">
      <time className="num">{time(words, line.time_ms, now)}</time>
      {" · "}
      <Sentence text={what} />
    </p>
  );
}

function Bubble({
  account,
  line,
  world,
  selected,
  recalled,
  deeds,
}: Props & { line: MessageLine }) {
  const words = useWords();
  const now = useNow();
  const seconds = line.took_ms === null ? null : (line.took_ms / 1000).toFixed(2);
  const quote = quoteOf(line, words, (id) => nameIn(world, line.place.chat, id));
  const pressed = () => {
    // A text that is being marked is to be copied.
    if (!window.getSelection()?.toString()) deeds.select(line);
  };
  return (
    <article
      className={classes["line"]}
      data-bot={line.by_bot}
      aria-label={harmlessName(line.by.name)}
    >
      <Avatar name={faceOf(line.by.name)} colourBy={`user-${line.by.user_id}`} size={30} />
      <div className={classes["content"]}>
        <div className={classes["by"]}>
          <bdi className={classes["who"]}>{harmlessName(line.by.name)}</bdi>
          {line.client ? <span className={classes["client"]}>{line.client}</span> : null}
          {seconds ? <span className="num nowrap">{words.t("talk.took", { seconds })}</span> : null}
          <time className="num nowrap">{time(words, line.time_ms, now, true)}</time>
          {recalled ? <span>{words.t("talk.recalled")}</span> : null}
          <MessageMenu line={line} deeds={deeds} recalled={recalled} />
        </div>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the menu beside it does the same by key */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
        <div
          className={classes["bubble"]}
          dir="auto"
          lang={CHINESE.test(line.text) ? "zh-CN" : undefined}
          data-selected={selected}
          data-recalled={recalled}
          onClick={pressed}
        >
          {quote ? <bdi className={classes["quote"]}>{quote}</bdi> : null}
          <MessageText account={account} segments={line.segments} />
        </div>
      </div>
    </article>
  );
}

/** What this message answers. */
function quoteOf(line: MessageLine, words: Words, nameOf: (id: number) => string): string | null {
  const reply = line.segments.find((piece) => piece.type === "reply");
  if (!reply) return null;
  const { quoted, message_id } = reply;
  if (!quoted) return words.t("talk.answered", { message_id });
  const text = plainCode(quoted.text, words, nameOf);
  return words.t("talk.said", { name: harmlessName(quoted.by.name), text });
}

type MenuProps = {
  line: MessageLine;
  deeds: MessageDeeds;
  recalled: boolean;
};

/** The menu itself is made when it is opened first: most lines pass by without. */
function MessageMenu(props: MenuProps) {
  const label = useWords().t("talk.actions");
  const [wanted, setWanted] = useState(false);
  if (wanted) return <MadeMenu {...props} label={label} />;
  return (
    <ActionIcon
      className={classes["menu"]}
      aria-label={label}
      aria-haspopup="menu"
      title={label}
      size={20}
      onClick={() => setWanted(true)}
    >
      <Icon name="dots" size={14} />
    </ActionIcon>
  );
}

function MadeMenu({ line, deeds, recalled, label }: MenuProps & { label: string }) {
  const words = useWords();
  const copy = useSaidCopy();
  // Opened after it is there, so that it knows where the focus goes back to.
  const [opened, setOpened] = useState(false);
  useEffect(() => setOpened(true), []);
  // What leads to the field where one writes leaves the focus there.
  const [writes, setWrites] = useState(false);
  const writing = (deed: (line: MessageLine) => void) => () => {
    setWrites(true);
    deed(line);
  };
  return (
    <Menu
      position="bottom-start"
      withinPortal
      opened={opened}
      onChange={(opens) => {
        setOpened(opens);
        if (opens) setWrites(false);
      }}
      returnFocus={!writes}
    >
      <Tooltip label={label}>
        <Menu.Target>
          <ActionIcon
            className={classes["menu"]}
            aria-label={label}
            size={20}
            // It takes the place of the one that was pressed.
            autoFocus
          >
            <Icon name="dots" size={14} />
          </ActionIcon>
        </Menu.Target>
      </Tooltip>
      <Menu.Dropdown>
        <Menu.Item onClick={writing(deeds.answer)}>{words.t("talk.answer")}</Menu.Item>
        {line.by.user_id ? (
          <Menu.Item onClick={writing(deeds.call)}>
            <Sentence text={words.t("talk.call_this", { name: harmlessName(line.by.name) })} />
          </Menu.Item>
        ) : null}
        <Menu.Item
          onClick={() => void copy(plainText(line.segments, words), message("app.copied"))}
        >
          {words.t("talk.copy_text")}
        </Menu.Item>
        {deeds.showFrames ? (
          <Menu.Item onClick={() => deeds.showFrames?.(line)}>
            {words.t("talk.frames_of")}
          </Menu.Item>
        ) : null}
        {deeds.recall && !recalled ? (
          <Menu.Item color="bad" onClick={() => deeds.recall?.(line)}>
            {words.t("talk.recall")}
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Beside the talk while nobody has answered. */
export function Waiting({ clients, connect }: { clients: string[]; connect: () => void }) {
  const words = useWords();
  if (clients.length === 0) {
    return (
      <p className={classes["happened"]}>
        {words.t("talk.nobody_got")}{" "}
        <UnstyledButton className={classes["expand"]} onClick={connect}>
          {words.t("talk.connect")}
        </UnstyledButton>
      </p>
    );
  }
  return (
    <p className={`${classes["happened"]} ${classes["waiting"]}`}>
      <Icon name="loader-2" size={14} />
      {words.t("talk.no_answer", { clients: words.list(clients), count: clients.length })}
    </p>
  );
}
