/** A state shown small: a pill on a card, a word in a row, a lamp before a headline. */
import type { Message } from "../generated/schema";
import type { Standing, Tone } from "../state/standing";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import { Icon } from "./icon";
import type { IconName } from "./icons";
import classes from "./state.module.css";

/** Tone, icon and word on a ground of their own. */
export function StatePill({ standing }: { standing: Standing }) {
  return (
    <span className={classes["pill"]} data-tone={standing.tone}>
      <Icon name={standing.icon} size={14} />
      <Said message={standing.word} />
    </span>
  );
}

/** Tone, icon and word in a row of a table. */
export function StateWord({ standing }: { standing: Standing }) {
  return (
    <span className={classes["word"]} data-tone={standing.tone}>
      <Icon name={standing.icon} size={16} />
      <Said message={standing.word} />
    </span>
  );
}

/** The icon alone, where the word stands elsewhere in the same row. */
export function StateIcon({ standing }: { standing: Standing }) {
  return (
    <span className={classes["word"]} data-tone={standing.tone}>
      <Icon name={standing.icon} size={16} />
    </span>
  );
}

/** The round light before a headline. */
export function Lamp({ tone, icon }: { tone: Tone; icon: IconName }) {
  return (
    <span className={classes["lamp"]} data-tone={tone}>
      <Icon name={icon} />
    </span>
  );
}

/** A small word beside a name. */
export function Tag({ message }: { message: Message }) {
  return <span className={classes["tag"]}>{useWords().say(message)}</span>;
}
