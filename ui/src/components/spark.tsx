/** The last minutes as a line; the number beside it speaks. */

const [WIDTH, HEIGHT, POINTS] = [44, 20, 24];
const MARGIN = 2;

/** 24 values at most, the newest last. */
export function Spark({ values }: { values: number[] }) {
  const shown = values.slice(-POINTS);
  const greatest = Math.max(1, ...shown);
  const step = WIDTH / (POINTS - 1);
  const begin = WIDTH - (shown.length - 1) * step;
  const points = shown.map((value, place) => {
    const y = HEIGHT - MARGIN - (value / greatest) * (HEIGHT - 2 * MARGIN);
    return `${(begin + place * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg aria-hidden width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="var(--line-strong)"
        strokeWidth={1.25}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
