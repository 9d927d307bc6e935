/** An icon of the set: 18 px in navigation and notes, 16 in rows, 14 in pills. */
import { useReducedMotion } from "@mantine/hooks";
import classes from "./icon.module.css";
import { ICONS, type IconName } from "./icons";

type Props = { name: IconName; size?: 14 | 16 | 18 | 24 | 40 };

/** Says nothing by itself: a word or a label stands beside it. */
export function Icon(props: Props) {
  return props.name === "loader-2" ? <Spinner {...props} /> : <Drawn {...props} />;
}

/** Turns; an hourglass for those who want nothing to move. */
function Spinner({ size = 18 }: Props) {
  const isStill = useReducedMotion();
  return isStill ? (
    <Drawn name="hourglass" size={size} />
  ) : (
    <Drawn name="loader-2" size={size} turning />
  );
}

function Drawn({ name, size = 18, turning = false }: Props & { turning?: boolean }) {
  const Shape = ICONS[name];
  return (
    <Shape
      aria-hidden
      className={`${classes["icon"]} ${turning ? classes["turning"] : ""}`}
      size={size}
      stroke={size === 14 ? 2 : 1.75}
    />
  );
}
