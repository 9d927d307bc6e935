/** What perpetua is, in one picture: one account, shared by several frameworks. */
import { NAME } from "../../shell/mark";
import { useWords } from "../../words/context";

/** Frameworks that can be connected; the one without a name is any other. */
const BOXES = [
  { x: 0, name: "NoneBot2", port: ":6700" },
  { x: 150, name: "Koishi", port: ":6701" },
  { x: 300, name: null, port: ":6702" },
];

/** The names in it are names of programs; the rest is in the page's language. */
export function Picture() {
  const words = useWords();
  return (
    <svg
      viewBox="0 0 420 380"
      width={420}
      style={{ maxWidth: "100%" }}
      role="img"
      aria-label={words.t("welcome.picture")}
      fontFamily="var(--font)"
      textAnchor="middle"
    >
      <g fill="none" stroke="var(--line-strong)" strokeWidth={1.25}>
        <path d="M210 78V146" />
        <path d="M210 222V252M60 306V272A20 20 0 0 1 80 252H340A20 20 0 0 1 360 272V306M210 252V306" />
      </g>
      <g fill="var(--ok)">
        <circle cx={210} cy={112} r={4} />
        {BOXES.map(({ x, port }) => (
          <circle key={port} cx={x + 60} cy={290} r={4} />
        ))}
      </g>
      <Box x={130} y={26} width={160} name="QQ" line={words.t("welcome.picture_account")} />
      <rect x={120} y={146} width={180} height={76} rx={14} fill="#222B52" />
      <g transform="translate(142 163) scale(.165)">
        <path
          d="M76 201V107A52 52 0 1 1 113.67 156.99"
          fill="none"
          stroke="#F6F5F2"
          strokeWidth={25}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx={128} cy={107} r={18.5} fill="#5ECF97" />
      </g>
      <text x={186} y={190} fontSize={17} fontWeight={600} fill="#F6F5F2" textAnchor="start">
        {NAME}
      </text>
      {BOXES.map(({ x, name, port }) => (
        <Box
          key={port}
          x={x}
          y={306}
          width={120}
          name={name ?? words.t("connect.other")}
          line={port}
        />
      ))}
    </svg>
  );
}

type BoxProps = { x: number; y: number; width: number; name: string; line: string };

function Box({ x, y, width, name, line }: BoxProps) {
  const middle = x + width / 2;
  return (
    <>
      <rect
        x={x + 0.5}
        y={y + 0.5}
        width={width - 1}
        height={51}
        rx={10}
        fill="var(--canvas)"
        stroke="var(--line)"
      />
      <text x={middle} y={y + 24} fontSize={14} fontWeight={600} fill="var(--text)">
        {name}
      </text>
      <text x={middle} y={y + 41} fontSize={11} fill="var(--text-3)">
        {line}
      </text>
    </>
  );
}
