/** How a new client and its framework come together. */
import { Seg } from "../../components/seg";
import type { Framework, NewClientKind } from "../../generated/schema";
import { useWords } from "../../words/context";
import classes from "./add.module.css";
import { kindWord } from "./kind";

/** The ways of each framework; the first one is what most want. */
export const WAYS: Record<Framework, readonly [NewClientKind, ...NewClientKind[]]> = {
  nonebot: ["forward", "reverse", "http", "post"],
  // It fails on what is posted to it (`adapter-onebot` 6.9.4).
  koishi: ["forward", "reverse", "http"],
  // It only waits to be dialled.
  astrbot: ["reverse"],
  other: ["forward", "reverse", "http", "post"],
};

/** Where frameworks usually wait; NoneBot does at 8080, which is ours. */
const WAITS_AT: Partial<Record<`${Framework}/${NewClientKind}`, string>> = {
  "nonebot/reverse": "ws://127.0.0.1:8090/onebot/v11/ws",
  "nonebot/post": "http://127.0.0.1:8090/onebot/v11/http",
  "koishi/reverse": "ws://127.0.0.1:5140/onebot",
  "astrbot/reverse": "ws://127.0.0.1:6199/ws",
};

/** The address to begin with, if there is a usual one. */
export function waitsAt(framework: Framework, way: NewClientKind): string {
  return WAITS_AT[`${framework}/${way}`] ?? "";
}

type Props = { framework: Framework; way: NewClientKind; onChange: (way: NewClientKind) => void };

/** Nothing where there is no choice. */
export function WayChoice({ framework, way, onChange }: Props) {
  const words = useWords();
  const ways = WAYS[framework];
  if (ways.length === 1) return null;
  return (
    <div className={classes["part"]}>
      <span className={classes["label"]}>{words.t("client.way")}</span>
      <Seg
        fill
        label={words.t("client.way")}
        value={way}
        options={ways.map((one) => ({ value: one, label: words.say(kindWord(one, true)) }))}
        onChange={onChange}
      />
    </div>
  );
}
