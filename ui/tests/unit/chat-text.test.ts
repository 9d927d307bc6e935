import { describe, expect, test } from "vitest";
import { readMessage, textSegment, writeMessage } from "../../src/pages/chat/cq";
import {
  calling,
  type Draft,
  draftOf,
  EMPTY,
  EVERYBODY,
  written,
} from "../../src/pages/chat/draft";
import { foreignText, shortened } from "../../src/pages/chat/foreign";
import { pieces, titleOf } from "../../src/pages/chat/frame-text";
import { chatOf, faceOf, keyOf } from "../../src/pages/chat/place";

describe("CQ codes", () => {
  test("what people type is text, whatever is in it", () => {
    const typed = "a[CQ:at,qq=1]&#91;,&amp;";
    expect(writeMessage([textSegment(typed)])).toBe("a&#91;CQ:at,qq=1&#93;&amp;#91;,&amp;amp;");
    expect(readMessage(writeMessage([textSegment(typed)]))).toEqual([textSegment(typed)]);
  });

  test("arguments keep commas, brackets and ampersands both ways", () => {
    const share = { kind: "share", data: { url: "http://a/?b=1&c=2,3", title: "[x]" } };
    const code = "[CQ:share,url=http://a/?b=1&amp;c=2&#44;3,title=&#91;x&#93;]";
    expect(writeMessage([share])).toBe(code);
    expect(readMessage(code)).toEqual([share]);
  });

  test("what is not quite a code is text, and a comma before the bracket is let pass", () => {
    for (const text of ["[CQ:at", "[CQ:,qq=1]", "[CQ:at,qq]", "[a]", "["]) {
      expect(readMessage(text)).toEqual([textSegment(text)]);
    }
    expect(readMessage("[CQ:at,qq=1,]")).toEqual([{ kind: "at", data: { qq: "1" } }]);
    expect(readMessage("")).toEqual([]);
  });
});

describe("drafts", () => {
  const ming = { user_id: 10001, name: "小明" };

  test("calling somebody puts the name into the text and the number into what is sent", () => {
    const { draft, place } = calling({ ...EMPTY, text: "hi" }, ming, 2);
    expect(draft.text).toBe("hi @小明 ");
    expect(place).toBe(draft.text.length);
    expect(written(draft)).toBe("hi [CQ:at,qq=10001] ");
  });

  test("the longest name wins, and an @ of nobody is text", () => {
    const draft: Draft = {
      ...EMPTY,
      text: "@小明明 @小明 @她",
      called: [ming, { user_id: 7, name: "小明明" }],
    };
    expect(written(draft)).toBe("[CQ:at,qq=7] [CQ:at,qq=10001] @她");
  });

  test("an answer comes first, pictures last, everybody is `all`", () => {
    const draft: Draft = {
      text: "@all look",
      called: [{ user_id: EVERYBODY, name: "all" }],
      pictures: ["iVBORw0KGgo="],
      answers: { message_id: 5, name: "x", text: "y" },
    };
    expect(written(draft)).toBe(
      "[CQ:reply,id=5][CQ:at,qq=all] look[CQ:image,file=base64://iVBORw0KGgo=]",
    );
  });

  test("a message becomes the draft that says the same", () => {
    const draft = draftOf(
      [
        { type: "reply", message_id: 3, quoted: null },
        { type: "text", text: "[hi], " },
        { type: "at", target: ming },
        { type: "at", target: null },
      ],
      "all",
      ({ message_id }) => ({ message_id, name: "", text: "" }),
    );
    expect(written(draft)).toBe("[CQ:reply,id=3]&#91;hi&#93;, [CQ:at,qq=10001][CQ:at,qq=all]");
  });
});

describe("foreign texts", () => {
  test("nothing turns the line or hides, ends of lines and joined emoji stay", () => {
    expect(foreignText("a\u202eb\r\nc\u200bd\u0007")).toBe("a\ufffdb\nc\ufffdd\ufffd");
    expect(foreignText("👨‍👩‍👧 🏳️‍🌈 👍🏽")).toBe("👨‍👩‍👧 🏳️‍🌈 👍🏽");
  });

  test("texts are cut between letters as people count them", () => {
    expect(shortened("abc", 3)).toBeNull();
    expect(shortened("👨‍👩‍👧👨‍👩‍👧x", 2)).toBe("👨‍👩‍👧👨‍👩‍👧");
    expect(shortened("👨‍👩‍👧".repeat(2), 2)).toBeNull();
  });
});

describe("frames", () => {
  test("keys and strings are told apart and the text is the frame's own", () => {
    const frame = '{"a":"b:\\"c","n": 12345678901234567890}';
    const { pieces: found, isCut } = pieces(frame, false);
    expect(found.map(({ text }) => text).join("")).toBe(frame);
    expect(found.filter(({ kind }) => kind === "key").map(({ text }) => text)).toEqual([
      '"a"',
      '"n"',
    ]);
    expect(isCut).toBe(false);
  });

  test("long strings are cut until they are unfolded", () => {
    const frame = `{"file":"${"x".repeat(500)}"}`;
    const folded = pieces(frame, false);
    expect(folded.isCut).toBe(true);
    expect(folded.pieces.map(({ text }) => text).join("").length).toBeLessThan(150);
    const whole = pieces(frame, true);
    expect(whole.isCut).toBe(true);
    expect(whole.pieces.map(({ text }) => text).join("")).toBe(frame);
  });

  test("an event is called by its kind, an action by its name, anything else by nothing", () => {
    expect(titleOf('{"post_type":"notice","notice_type":"group_ban"}')).toBe("notice.group_ban");
    const poke =
      '{"post_type":"notice","notice_type":"notify","sub_type":"poke","action":"戳了戳"}';
    expect(titleOf(poke)).toBe("notice.notify");
    expect(titleOf('{"action":"send_msg","params":{}}')).toBe("send_msg");
    expect(titleOf('{"status":"ok"}')).toBeNull();
    expect(titleOf('{"action":"cut…')).toBeNull();
  });
});

test("a chat and its key name each other", () => {
  expect(chatOf(keyOf({ group: 20001 }))).toEqual({ group: 20001 });
  expect(chatOf(keyOf({ user: 10001 }))).toEqual({ user: 10001 });
  for (const wrong of [undefined, "first", "group-", "group-x", "user-1/2"]) {
    expect(chatOf(wrong)).toBeNull();
  }
});

test("Chinese names show their last letter, others their first", () => {
  expect([faceOf("小明"), faceOf("韩梅梅"), faceOf("Mia"), faceOf("小明2")]).toEqual([
    "明",
    "梅",
    "Mia",
    "小明2",
  ]);
});
