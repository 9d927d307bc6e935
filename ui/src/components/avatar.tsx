/** The first letter of a name on a colour of its own. No picture is fetched from anywhere. */
import classes from "./avatar.module.css";
import { Icon } from "./icon";

const COLOURS = 5;
/** The last colour is the simulator's alone. */
const NEUTRAL = COLOURS - 1;

function colourOf(key: string): number {
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % NEUTRAL;
}

/** Grows with the letters. */
const rem = (pixels: number) => `${pixels / 16}rem`;

type Props = {
  name: string;
  /** What the colour is chosen by; the name if absent. */
  colourBy?: string;
  size?: 16 | 30 | 32 | 36;
  /** A bot without a name of its own. */
  simulator?: boolean;
};

/** Beside the name itself, so it is nothing to a screen reader. */
export function Avatar({ name, colourBy = name, size = 36, simulator = false }: Props) {
  const colour = simulator ? NEUTRAL : colourOf(colourBy);
  const letter = [...new Intl.Segmenter().segment(name.trim())][0]?.segment ?? "";
  return (
    <span
      aria-hidden
      className={classes["avatar"]}
      style={{
        width: rem(size),
        height: rem(size),
        background: `var(--avatar-${colour})`,
        ...(size < 30 ? { fontSize: rem(size * 0.56), borderRadius: "50%" } : {}),
      }}
    >
      {simulator ? <Icon name="robot" /> : letter.toUpperCase()}
    </span>
  );
}
