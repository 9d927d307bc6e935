/** Chats, the people in them, and how an address names them. */
import type { ChatId, ChatPerson, World, WorldGroup } from "../../generated/schema";

/** How an address and a list name a chat: `group-20001` or `user-10001`. */
export type ChatKey = string;

/** The key of a chat. */
export function keyOf(chat: ChatId): ChatKey {
  return "group" in chat ? `group-${chat.group}` : `user-${chat.user}`;
}

/** The chat of a key; null if it is none. */
export function chatOf(key: ChatKey | undefined): ChatId | null {
  const [, kind, digits] = /^(group|user)-(\d{1,15})$/.exec(key ?? "") ?? [];
  if (!kind) return null;
  return kind === "group" ? { group: Number(digits) } : { user: Number(digits) };
}

/** All groups; those of the bot account first. */
export function groupsOf(world: World): WorldGroup[] {
  return [...world.groups, ...world.other_groups];
}

/** The group that a chat is, if the world has it. */
export function groupOf(world: World, chat: ChatId): WorldGroup | null {
  if (!("group" in chat)) return null;
  return groupsOf(world).find(({ group_id }) => group_id === chat.group) ?? null;
}

/** Whether the bot account is in a group. */
export function hasBot(world: World, group: WorldGroup): boolean {
  return group.members.some(({ user_id }) => user_id === world.self_id);
}

/** Everybody but the bot account, each once, friends first. */
export function everybody(world: World): ChatPerson[] {
  const people = new Map<number, ChatPerson>();
  const others = [
    ...world.friends,
    ...world.strangers,
    ...groupsOf(world).flatMap(({ members }) => members),
  ];
  for (const { user_id, name } of others) {
    if (user_id !== world.self_id && !people.has(user_id)) people.set(user_id, { user_id, name });
  }
  return [...people.values()];
}

/** Who may speak in a chat: everybody in it but the bot account. */
export function speakersOf(world: World, chat: ChatId): ChatPerson[] {
  if ("user" in chat) return everybody(world).filter(({ user_id }) => user_id === chat.user);
  const group = groupOf(world, chat);
  return (group?.members ?? [])
    .filter(({ user_id }) => user_id !== world.self_id)
    .map(({ user_id, name }) => ({ user_id, name }));
}

/** What somebody is called in a chat; their number if nobody knows. */
export function nameIn(world: World, chat: ChatId, user_id: number): string {
  const member = groupOf(world, chat)?.members.find((one) => one.user_id === user_id);
  if (member) return member.name;
  if (user_id === world.self_id) return world.self_name;
  return everybody(world).find((one) => one.user_id === user_id)?.name ?? String(user_id);
}

/** What a chat is called. */
export function nameOf(world: World, chat: ChatId): string {
  if ("user" in chat) return nameIn(world, chat, chat.user);
  return groupOf(world, chat)?.name ?? String(chat.group);
}

const CHINESE_NAME = /^\p{Script=Han}{2,4}$/u;

/** What an avatar shows of a person: Chinese names are told apart by their last letter, as 小明 and 小红. */
export function faceOf(name: string): string {
  return CHINESE_NAME.test(name) ? name.slice(-1) : name;
}
