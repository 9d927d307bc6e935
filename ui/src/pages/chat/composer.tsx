/** Where somebody in the simulator speaks: who it is, the text, pictures, people that are called. */
import { ActionIcon, Button, Textarea, Tooltip } from "@mantine/core";
import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  memo,
  type RefObject,
  useRef,
  useState,
} from "react";
import { Icon } from "../../components/icon";
import { isKey } from "../../components/keys";
import type { ChatPerson, Message } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { bytes } from "../../words/amounts";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import { Said, Sentence } from "../../words/said";
import { message } from "../../words/words";
import classes from "./composer.module.css";
import { Call, Drop, Pictures, Speaker } from "./composer-parts";
import { calling, type Draft, isEmpty } from "./draft";
import { LARGEST, pictureType, toBase64 } from "./picture";

type Props = {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  /** Who can speak here; the first is chosen if none is. */
  speakers: ChatPerson[];
  speaker: ChatPerson | null;
  onSpeaker: (speaker: ChatPerson) => void;
  /** Whom `@` can mean. */
  callable: ChatPerson[];
  /** Whether everybody can be called. */
  isGroup: boolean;
  onSend: () => void;
  /** The last thing that was said here, to be said anew; null if there is none. */
  onAgain: () => Draft | null;
  problem: Message | null;
  input: RefObject<HTMLTextAreaElement | null>;
};

/** As they are written on keyboards. */
const KEYS = { send: "Enter", speaker: "Alt ↑↓" };

/**
 * Enter sends, unless it picks a word of an input method. Not drawn again for what others say: a field that
 * grows with its text has the page laid out each time.
 */
export const Composer = memo(function Composer(props: Props) {
  const { draft, onDraft, speakers, speaker, onSpeaker, input } = props;
  const words = useWords();
  const isLive = useIsLive();
  const file = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState<Message | null>(null);
  const why = !isLive
    ? message("app.not_now")
    : speaker === null
      ? message("talk.nobody_speaks")
      : null;
  const problem = refused ?? props.problem;

  const turn = (steps: number) => {
    const place = speakers.findIndex(({ user_id }) => user_id === speaker?.user_id);
    const next = speakers[(place + steps + speakers.length) % speakers.length];
    if (next) onSpeaker(next);
  };
  const send = () => {
    setRefused(null);
    if (!why && !isEmpty(draft)) props.onSend();
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isKey(event, "Enter") && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.altKey && (isKey(event, "ArrowUp") || isKey(event, "ArrowDown"))) {
      event.preventDefault();
      turn(event.key === "ArrowUp" ? -1 : 1);
    } else if (isKey(event, "ArrowUp") && draft.text === "") {
      const again = props.onAgain();
      if (!again) return;
      event.preventDefault();
      onDraft(again);
    } else if (isKey(event, "Escape") && draft.answers) {
      event.preventDefault();
      onDraft({ ...draft, answers: null });
    }
  };

  const addPictures = async (files: Iterable<File>) => {
    setRefused(null);
    const added: string[] = [];
    for (const picture of files) {
      if (picture.size > LARGEST) {
        setRefused(message("talk.picture_too_large", { limit: bytes(LARGEST) }));
        continue;
      }
      const base64 = await toBase64(picture);
      if (pictureType(base64)) added.push(base64);
      else setRefused(message("talk.picture_wrong"));
    }
    if (added.length > 0)
      onDraft({ ...latest.current, pictures: [...latest.current.pictures, ...added] });
  };
  const latest = useRef(draft);
  latest.current = draft;

  const pasted = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    void addPictures([...event.clipboardData.files]);
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    void addPictures([...event.dataTransfer.files]);
  };
  const call = (person: ChatPerson) => {
    const field = input.current;
    const made = calling(draft, person, field?.selectionStart ?? draft.text.length);
    onDraft(made.draft);
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(made.place, made.place);
    });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pictures are dropped anywhere on it; the button does the same
    <div className={classes["say"]} onDragOver={(event) => event.preventDefault()} onDrop={dropped}>
      {problem ? (
        <p className={classes["problem"]} role="alert">
          <Said message={problem} alone />
        </p>
      ) : null}
      <div className={classes["who"]}>
        <span>{words.t("talk.speaker")}</span>
        <Speaker speakers={speakers} speaker={speaker} onSpeaker={onSpeaker} />
        <span className={classes["keys"]}>
          <kbd>{KEYS.send}</kbd> {words.t("talk.keys_send")}
          <kbd>{KEYS.speaker}</kbd> {words.t("talk.keys_speaker")}
        </span>
      </div>
      <div className={classes["box"]}>
        {draft.answers ? (
          <div className={classes["answers"]}>
            <span className="cut">
              <Sentence
                text={words.t("talk.answering", {
                  name: harmlessName(draft.answers.name),
                  text: draft.answers.text,
                })}
              />
            </span>
            <Drop
              label={words.t("talk.stop_answering")}
              onDrop={() => onDraft({ ...draft, answers: null })}
            />
          </div>
        ) : null}
        {draft.pictures.length > 0 ? (
          <Pictures
            pictures={draft.pictures}
            onRemove={(gone) =>
              onDraft({ ...draft, pictures: draft.pictures.filter((_, place) => place !== gone) })
            }
          />
        ) : null}
        <div className={classes["line"]}>
          <Textarea
            ref={input}
            className={classes["field"] ?? ""}
            classNames={{ input: classes["input"] ?? "" }}
            variant="unstyled"
            autosize
            minRows={1}
            maxRows={6}
            dir="auto"
            aria-label={
              speaker
                ? words.t("talk.write_as", { name: harmlessName(speaker.name) })
                : words.t("talk.nobody_speaks")
            }
            placeholder={
              why
                ? words.say(why)
                : words.t("talk.write_as", { name: harmlessName(speaker?.name ?? "") })
            }
            disabled={speaker === null}
            value={draft.text}
            onChange={(event) => onDraft({ ...draft, text: event.currentTarget.value })}
            onKeyDown={pressed}
            onPaste={pasted}
          />
          <input
            ref={file}
            type="file"
            hidden
            multiple
            accept="image/png,image/jpeg,image/gif,image/webp"
            onChange={(event) => {
              void addPictures([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = "";
            }}
          />
          <Tooltip label={words.t("talk.add_picture")}>
            <ActionIcon
              aria-label={words.t("talk.add_picture")}
              onClick={() => file.current?.click()}
            >
              <Icon name="photo" />
            </ActionIcon>
          </Tooltip>
          <Call callable={props.callable} isGroup={props.isGroup} onCall={call} />
          <Tooltip label={why ? words.say(why) : ""} disabled={!why}>
            <Button
              variant="filled"
              size="xs"
              aria-disabled={why !== null}
              data-disabled={why !== null || undefined}
              onClick={send}
            >
              {words.t("talk.send")}
            </Button>
          </Tooltip>
        </div>
      </div>
    </div>
  );
});
