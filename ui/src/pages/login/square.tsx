/** The square at the left of a login: the code, or what has taken its place. */
import { Button } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { Icon } from "../../components/icon";
import type { IconName } from "../../components/icons";
import { useCountdown } from "../../components/time";
import type { QrCode } from "../../generated/schema";
import type { Tone } from "../../state/standing";
import { useWords } from "../../words/context";
import { draw } from "./draw";
import classes from "./login.module.css";
import type { useLeftAlone } from "./use-left-alone";

/** Always black on white, whatever the theme: phones read nothing else. */
function Code({ qr, blurred }: { qr: QrCode; blurred: boolean }) {
  const words = useWords();
  const drawing = useMemo(() => (qr.url === null ? null : draw(qr.url)), [qr.url]);
  const label = words.t("qr.code_label");
  const props = { className: classes["code"], "data-blurred": blurred, "aria-hidden": blurred };
  if (!drawing) {
    return <img {...props} alt={label} src={`data:image/png;base64,${qr.png_base64}`} />;
  }
  return (
    <svg
      {...props}
      role="img"
      aria-label={label}
      viewBox={`0 0 ${drawing.size} ${drawing.size}`}
      shapeRendering="crispEdges"
    >
      <path d={drawing.path} fill="#111111" />
    </svg>
  );
}

type OverProps = { tone: Tone; icon: IconName; children: ReactNode };

function Over({ tone, icon, children }: OverProps) {
  return (
    <div className={classes["over"]}>
      <span data-tone={tone} className={classes["big"]}>
        <Icon name={icon} size={40} />
      </span>
      {children}
    </div>
  );
}

type CodeProps = {
  qr: QrCode;
  deadline: number;
  /** Known to who outlives the code: the next one shall not lie open either. */
  leftAlone: ReturnType<typeof useLeftAlone>;
};

/** A code to scan: blurred once it has expired, put away when the window was left alone. */
export function CodeSquare({ qr, deadline, leftAlone: [alone, show] }: CodeProps) {
  const words = useWords();
  const seconds = useCountdown(deadline);
  if (alone) {
    return (
      <div className={classes["square"]} data-empty>
        <Over tone="idle" icon="eye-off">
          <p>{words.t("qr.put_away")}</p>
          <Button onClick={show}>{words.t("qr.show")}</Button>
        </Over>
      </div>
    );
  }
  return (
    <div className={classes["square"]}>
      <Code qr={qr} blurred={seconds === 0} />
      {seconds === 0 ? (
        <Over tone="you" icon="hourglass">
          <p role="status">{words.t("qr.expired")}</p>
        </Over>
      ) : null}
    </div>
  );
}

/** Scanned: the code lies blurred under who did it, if it is still known. */
export function ConfirmSquare({ qr, text }: { qr: QrCode | null; text: string }) {
  return (
    <div className={classes["square"]} data-empty={qr === null || undefined}>
      {qr ? <Code qr={qr} blurred /> : null}
      <Over tone="you" icon="device-mobile-check">
        <p role="status">{text}</p>
      </Over>
    </div>
  );
}

/** No code: a sign, a sentence, and what can be done. */
export function PlainSquare({ tone, icon, children }: OverProps) {
  return (
    <div className={classes["square"]} data-empty>
      <Over tone={tone} icon={icon}>
        {children}
      </Over>
    </div>
  );
}
