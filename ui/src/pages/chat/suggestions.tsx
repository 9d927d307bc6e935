/** What an empty chat offers: three ways to begin. */
import { Button } from "@mantine/core";
import { Empty } from "../../components/page";
import { useWords } from "../../words/context";
import { Sentence } from "../../words/said";
import classes from "./suggestions.module.css";

/** What most bots answer. */
export const HELP = "/help";

type Props = {
  bot: string;
  hello: string;
  canDo: boolean;
  onHelp: () => void;
  onHello: () => void;
  onPoke: () => void;
};

/** Each does it at once. A button lays its content out in a row, where blanks at the ends of its pieces are lost. */
export function Suggestions({ bot, hello, canDo, onHelp, onHello, onPoke }: Props) {
  const words = useWords();
  return (
    <Empty title={words.t("talk.empty")}>
      <div className={classes["row"]}>
        <Button disabled={!canDo} onClick={onHelp}>
          {HELP}
        </Button>
        <Button disabled={!canDo} onClick={onHello}>
          <span>
            <Sentence text={hello} />
          </span>
        </Button>
        <Button disabled={!canDo} onClick={onPoke}>
          <span>
            <Sentence text={words.t("talk.try_poke", { name: bot })} />
          </span>
        </Button>
      </div>
    </Empty>
  );
}
