/** What is being written: text with the people it calls, pictures, and the message it answers. */
import type { ChatPerson, ChatSegment } from "../../generated/schema";
import { type Segment, textSegment, writeMessage } from "./cq";

/** The message that is answered. */
export type Answered = { message_id: number; name: string; text: string };

/** A message before it is sent. Pictures are files in base64. */
export type Draft = {
  text: string;
  /** Whom an `@name` in the text means. */
  called: ChatPerson[];
  pictures: string[];
  answers: Answered | null;
};

/** Nothing yet. */
export const EMPTY: Draft = { text: "", called: [], pictures: [], answers: null };

/** What `@` calls everybody by. */
export const EVERYBODY = 0;

/** Whether there is nothing to send. */
export function isEmpty(draft: Draft): boolean {
  return draft.text.trim() === "" && draft.pictures.length === 0;
}

/** The draft with somebody called at a place of its text; also where the cursor stands then. */
export function calling(
  draft: Draft,
  person: ChatPerson,
  place: number,
): { draft: Draft; place: number } {
  const before = draft.text.slice(0, place);
  const gap = before === "" || /\s$/.test(before) ? "" : " ";
  const called = `${gap}@${person.name} `;
  return {
    draft: {
      ...draft,
      text: before + called + draft.text.slice(place),
      called: [...draft.called.filter(({ name }) => name !== person.name), person],
    },
    place: before.length + called.length,
  };
}

/** The text with each `@name` of somebody called as a piece of its own; the longest name wins. */
function textSegments(draft: Draft): Segment[] {
  const called = [...draft.called].sort((a, b) => b.name.length - a.name.length);
  const segments: Segment[] = [];
  let rest = draft.text;
  let plain = "";
  const endText = () => {
    if (plain) segments.push(textSegment(plain));
    plain = "";
  };
  while (rest) {
    const person = rest.startsWith("@")
      ? called.find(({ name }) => rest.startsWith(`@${name}`))
      : undefined;
    if (person) {
      endText();
      const qq = person.user_id === EVERYBODY ? "all" : String(person.user_id);
      segments.push({ kind: "at", data: { qq } });
      rest = rest.slice(person.name.length + 1);
    } else {
      const [letter = ""] = rest;
      plain += letter;
      rest = rest.slice(letter.length);
    }
  }
  endText();
  return segments;
}

/** The string that is sent for a draft. */
export function written(draft: Draft): string {
  const answers = draft.answers
    ? [{ kind: "reply", data: { id: String(draft.answers.message_id) } }]
    : [];
  const pictures = draft.pictures.map((base64) => ({
    kind: "image",
    data: { file: `base64://${base64}` },
  }));
  return writeMessage([...answers, ...textSegments(draft), ...pictures]);
}

/** A draft that says what a message said; pieces that cannot be written here are left out. */
export function draftOf(
  segments: readonly ChatSegment[],
  everybody: string,
  quote: (piece: ChatSegment & { type: "reply" }) => Answered | null,
): Draft {
  const draft: Draft = { ...EMPTY, called: [] };
  for (const piece of segments) {
    if (piece.type === "text") draft.text += piece.text;
    else if (piece.type === "reply") draft.answers = quote(piece);
    else if (piece.type === "at") {
      const person = piece.target ?? { user_id: EVERYBODY, name: everybody };
      draft.text += `@${person.name}`;
      draft.called.push(person);
    }
  }
  return draft;
}
