/** How long a code is still good, and the way to a new one. */
import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/note";
import { useCountdown } from "../../components/time";
import { useKey } from "../../components/use-key";
import type { QrCode } from "../../generated/schema";
import { useDo } from "../../store/calls";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import classes from "./login.module.css";

/** Seconds left at which a screen reader says so; each second would be noise. */
const SAID_AT = [60, 30, 10];
const LAST_S = 10;

/** The last of `SAID_AT` that was passed while somebody listened. */
function usePassed(seconds: number): number | null {
  const before = useRef(seconds);
  const [passed, setPassed] = useState<number | null>(null);
  useEffect(() => {
    const now = SAID_AT.find((at) => before.current > at && seconds <= at && seconds > 0);
    if (seconds > before.current) setPassed(null);
    if (now !== undefined) setPassed(now);
    before.current = seconds;
  }, [seconds]);
  return passed;
}

/** The bar, the seconds, which code it is, and the button for another. */
export function Timer({
  account,
  qr,
  deadline,
}: {
  account: string;
  qr: QrCode;
  deadline: number;
}) {
  const words = useWords();
  const isLive = useIsLive();
  const seconds = useCountdown(deadline);
  const passed = usePassed(seconds);
  const renew = useDo("login_new_code");
  const ask = () => {
    if (isLive && !renew.running) void renew.run({ account }).catch(() => undefined);
  };
  useKey("r", ask);
  const part = qr.good_for_s > 0 ? Math.min(1, seconds / qr.good_for_s) : 0;
  return (
    <div className={classes["timer"]}>
      <div className={classes["bar"]} aria-hidden>
        <i style={{ transform: `scaleX(${part})` }} />
      </div>
      <div className="row num">
        <span className="nowrap">
          <span className={seconds <= LAST_S ? "medium" : ""}>
            {words.t("qr.left", { seconds })}
          </span>
          <span className={classes["which"]}>
            {words.t("qr.code_of", { code: qr.code, codes: qr.codes_max })}
          </span>
        </span>
        <span className="grow" />
        <Button
          size="xs"
          leftSection={<Icon name="refresh" size={16} />}
          loading={renew.running}
          disabled={!isLive}
          aria-keyshortcuts="r"
          onClick={ask}
        >
          {words.t("qr.new_code")}
        </Button>
      </div>
      <span className="unseen" role="status">
        {passed === null ? "" : words.t("qr.left", { seconds: passed })}
      </span>
      {renew.problem ? <ProblemNote problem={renew.problem} /> : null}
    </div>
  );
}
