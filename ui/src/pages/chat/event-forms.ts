/** What can be made to happen in a chat: the fields of each event, what they begin with, what they mean. */
import type { ChatEvent, ChatId, ChatPerson, World } from "../../generated/schema";
import { never } from "../../state/standing";
import type { Code } from "../../words/words";
import type { MessageLine } from "./lines";
import { everybody, groupOf } from "./place";

export type EventKind = ChatEvent["event"];

/** What a form asks for. */
export type FieldName =
  | "user"
  | "target"
  | "operator"
  | "message"
  | "duration"
  | "name"
  | "size"
  | "comment"
  | "enable"
  | "group";

export type Values = Partial<Record<FieldName, string>>;

/** One of several. */
export type Choice = { value: string; label: string };

export type FormField =
  | { name: FieldName; kind: "choice"; choices: Choice[] }
  | { name: FieldName; kind: "text" | "number" | "switch" };

/** A form as it opens; `possible` is false where nobody could do it. */
export type EventForm = { fields: FormField[]; values: Values; possible: boolean };

/** Sentences that a form begins with. */
export type Samples = { file: string; comment: string };

/** Where a form is filled in. */
export type Scene = {
  world: World;
  chat: ChatId;
  /** Messages that can be taken back, the newest first. */
  messages: MessageLine[];
  labelOf: (line: MessageLine) => string;
  samples: Samples;
};

/** In the order of the menu, what belongs together in one list. */
export const MENU: EventKind[][] = [
  ["poke", "recall", "upload"],
  ["join", "leave", "kick"],
  ["ban", "whole_ban", "admin"],
  ["friend_add", "friend_request", "group_request", "group_invite"],
];

const ANYWHERE: EventKind[] = ["poke", "recall", "friend_add", "friend_request", "group_invite"];

/** Whether an event makes sense in a chat. */
export function fitsIn(kind: EventKind, chat: ChatId): boolean {
  return "group" in chat || ANYWHERE.includes(kind);
}

/** What an event is called. */
export const WORDS: Record<EventKind, Code> = {
  poke: "talk.event_poke",
  recall: "talk.event_recall",
  join: "talk.event_join",
  leave: "talk.event_leave",
  kick: "talk.event_kick",
  ban: "talk.event_ban",
  whole_ban: "talk.event_whole_ban",
  admin: "talk.event_admin",
  upload: "talk.event_upload",
  friend_add: "talk.event_friend_add",
  friend_request: "talk.event_friend_request",
  group_request: "talk.event_group_request",
  group_invite: "talk.event_group_invite",
};

type People = { user_id: number; name: string }[];

const choices = (people: People): Choice[] =>
  people.map(({ user_id, name }) => ({ value: String(user_id), label: name }));

type Cast = {
  bot: ChatPerson;
  /** Everybody in the chat but the bot. */
  here: People;
  /** Everybody who is not in the group. */
  elsewhere: People;
  /** Those who may act on others. */
  operators: People;
  /** Those who can leave or be put out. */
  removable: People;
  strangers: People;
};

function castOf({ world, chat }: Scene): Cast {
  const bot = { user_id: world.self_id, name: world.self_name };
  const group = groupOf(world, chat);
  const all = everybody(world);
  const isMember = (id: number) => group?.members.some(({ user_id }) => user_id === id) ?? false;
  const members = group?.members ?? [];
  const others = members.filter(({ user_id }) => user_id !== world.self_id);
  const rank = { owner: 0, admin: 1, member: 2 } as Record<string, number>;
  return {
    bot,
    here: group ? others : all.filter(({ user_id }) => "user" in chat && user_id === chat.user),
    elsewhere: all.filter(({ user_id }) => !isMember(user_id)),
    operators: others
      .filter(({ role }) => role !== "member")
      .sort((a, b) => (rank[a.role] ?? 2) - (rank[b.role] ?? 2)),
    removable: members.filter(({ role }) => role !== "owner"),
    strangers: world.strangers,
  };
}

function choice(name: FieldName, options: Choice[]): FormField {
  return { name, kind: "choice", choices: options };
}

/** The form of an event as it opens; who can invite depends on the group that is chosen. */
export function formOf(kind: EventKind, scene: Scene, chosenGroup?: string): EventForm {
  const cast = castOf(scene);
  const user = (people: People) => choice("user", choices(people));
  const operator = choice("operator", choices(cast.operators));
  switch (kind) {
    case "poke":
      return filled([user(cast.here), choice("target", choices([cast.bot, ...cast.here]))], {});
    case "recall": {
      const messages = scene.messages.map((line) => ({
        value: String(line.message_id),
        label: scene.labelOf(line),
      }));
      return filled([choice("message", messages)], {});
    }
    case "join":
      return filled([user(cast.elsewhere), operator], {});
    case "leave":
      return filled(
        [user(cast.removable.filter(({ user_id }) => user_id !== cast.bot.user_id))],
        {},
      );
    case "kick":
      return filled([user(cast.removable), operator], {});
    case "ban":
      return filled([user(cast.removable), { name: "duration", kind: "number" }, operator], {
        duration: "600",
      });
    case "whole_ban": {
      const isOn = groupOf(scene.world, scene.chat)?.whole_ban ?? false;
      return filled([{ name: "enable", kind: "switch" }, operator], { enable: isOn ? "" : "on" });
    }
    case "admin":
      return filled([user(cast.removable), { name: "enable", kind: "switch" }], { enable: "on" });
    case "upload":
      return filled(
        [user(cast.here), { name: "name", kind: "text" }, { name: "size", kind: "number" }],
        { name: scene.samples.file, size: "102400" },
      );
    case "friend_add":
      return filled([user(cast.strangers)], {});
    case "friend_request":
      return filled([user(cast.strangers), { name: "comment", kind: "text" }], {
        comment: scene.samples.comment,
      });
    case "group_request":
      return filled([user(cast.elsewhere), { name: "comment", kind: "text" }], {
        comment: scene.samples.comment,
      });
    case "group_invite": {
      const groups = scene.world.other_groups;
      const here = "group" in scene.chat ? scene.chat.group : null;
      const wanted = chosenGroup ? Number(chosenGroup) : here;
      const group = groups.find(({ group_id }) => group_id === wanted) ?? groups[0];
      const form = filled(
        [
          choice(
            "group",
            groups.map(({ group_id, name }) => ({ value: String(group_id), label: name })),
          ),
          user(group?.members ?? []),
          { name: "comment", kind: "text" },
        ],
        { comment: scene.samples.comment },
      );
      return group ? { ...form, values: { ...form.values, group: String(group.group_id) } } : form;
    }
    default:
      return never(kind);
  }
}

/** Each choice begins with its first; without anything to choose it is not possible. An operator may lack. */
function filled(fields: FormField[], values: Values): EventForm {
  const begun: Values = { ...values };
  let possible = true;
  for (const field of fields) {
    if (field.kind !== "choice") continue;
    const first = field.choices[0];
    if (first) begun[field.name] = first.value;
    else if (field.name !== "operator") possible = false;
  }
  return {
    fields: fields.filter((field) => field.kind !== "choice" || field.choices.length > 0),
    values: begun,
    possible,
  };
}

/** Whether a number field holds a whole number from 0 up. */
export function isWhole(value: string | undefined): boolean {
  return /^\d{1,10}$/.test(value ?? "");
}

/** What is sent for a form. */
export function eventOf(kind: EventKind, chat: ChatId, values: Values): ChatEvent {
  const number = (name: FieldName) => Number(values[name] ?? 0);
  const user_id = number("user");
  const group_id = "group" in chat ? chat.group : number("group");
  const operator_id = values.operator ? number("operator") : null;
  const comment = values.comment ?? "";
  switch (kind) {
    case "poke":
      return {
        event: kind,
        group_id: "group" in chat ? chat.group : null,
        user_id,
        target_id: number("target"),
      };
    case "recall":
      return { event: kind, message_id: number("message"), operator_id };
    case "join":
      return { event: kind, group_id, user_id, operator_id, invited: false };
    case "leave":
      return { event: kind, group_id, user_id };
    case "kick":
      return { event: kind, group_id, user_id, operator_id };
    case "ban":
      return { event: kind, group_id, user_id, operator_id, duration: number("duration") };
    case "whole_ban":
      return { event: kind, group_id, operator_id, enable: values.enable === "on" };
    case "admin":
      return { event: kind, group_id, user_id, enable: values.enable === "on" };
    case "upload":
      return { event: kind, group_id, user_id, name: values.name ?? "", size: number("size") };
    case "friend_add":
      return { event: kind, user_id };
    case "friend_request":
      return { event: kind, user_id, comment };
    case "group_request":
      return { event: kind, group_id, user_id, comment };
    case "group_invite":
      return { event: kind, group_id: number("group"), user_id, comment };
    default:
      return never(kind);
  }
}
