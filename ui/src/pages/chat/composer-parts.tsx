/** The small controls of the composer. */
import { ActionIcon, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { Avatar } from "../../components/avatar";
import { Icon } from "../../components/icon";
import type { ChatPerson } from "../../generated/schema";
import { useWords } from "../../words/context";
import { harmlessName } from "../../words/harmless";
import classes from "./composer.module.css";
import { EVERYBODY } from "./draft";
import { pictureType } from "./picture";
import { faceOf } from "./place";

/** Takes something away from the message. */
export function Drop({ label, onDrop }: { label: string; onDrop: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} size={20} onClick={onDrop}>
        <Icon name="x" size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

type SpeakerProps = {
  speakers: ChatPerson[];
  speaker: ChatPerson | null;
  onSpeaker: (speaker: ChatPerson) => void;
};

/** Who speaks, and who could. */
export function Speaker({ speakers, speaker, onSpeaker }: SpeakerProps) {
  if (!speaker) return null;
  return (
    <Menu position="top-start">
      <Menu.Target>
        <UnstyledButton className={classes["pill"]}>
          <Avatar name={faceOf(speaker.name)} colourBy={`user-${speaker.user_id}`} size={16} />
          <bdi className={classes["name"]}>{harmlessName(speaker.name)}</bdi>
          <Icon name="chevron-down" size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className={classes["people"] ?? ""}>
        {speakers.map((person) => (
          <Menu.Item key={person.user_id} onClick={() => onSpeaker(person)}>
            <bdi>{harmlessName(person.name)}</bdi>{" "}
            <span className="faint num">{person.user_id}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

type CallProps = {
  callable: ChatPerson[];
  isGroup: boolean;
  onCall: (person: ChatPerson) => void;
};

/** Whom the message can call. */
export function Call({ callable, isGroup, onCall }: CallProps) {
  const words = useWords();
  const everybody = { user_id: EVERYBODY, name: words.t("talk.everybody") };
  return (
    <Menu position="top-end">
      <Tooltip label={words.t("talk.call")}>
        <Menu.Target>
          <ActionIcon aria-label={words.t("talk.call")}>
            <Icon name="at" />
          </ActionIcon>
        </Menu.Target>
      </Tooltip>
      <Menu.Dropdown className={classes["people"] ?? ""}>
        {[...callable, ...(isGroup ? [everybody] : [])].map((person) => (
          <Menu.Item key={person.user_id} onClick={() => onCall(person)}>
            <bdi>{harmlessName(person.name)}</bdi>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What goes with the message. */
export function Pictures({
  pictures,
  onRemove,
}: {
  pictures: string[];
  onRemove: (place: number) => void;
}) {
  const words = useWords();
  return (
    <ul className={classes["pictures"]}>
      {pictures.map((base64, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may be there twice
        <li key={place} className={classes["picture"]}>
          <img
            src={`data:${pictureType(base64)};base64,${base64}`}
            alt={words.t("talk.picture_alt", { number: place + 1 })}
          />
          <Drop label={words.t("talk.remove_picture")} onDrop={() => onRemove(place)} />
        </li>
      ))}
    </ul>
  );
}
