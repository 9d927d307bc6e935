/** Asks once more before something that others notice; the verb stands on the button. */
import { Button, Modal } from "@mantine/core";
import type { Message } from "../generated/schema";
import { useWords } from "../words/context";
import { Said } from "../words/said";
import classes from "./confirm.module.css";

type Props = {
  opened: boolean;
  title: Message;
  /** What will happen. */
  question: Message;
  verb: Message;
  /** It takes something away. */
  danger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
};

/** The button that does nothing has the focus. */
export function Ask({ danger = false, ...props }: Props) {
  const { opened, title, question, verb, onConfirm, onClose } = props;
  const words = useWords();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={words.say(title)}
      closeButtonProps={{ "aria-label": words.t("app.close") }}
    >
      <p>
        <Said message={question} />
      </p>
      <div className={classes["answers"]}>
        <Button data-autofocus onClick={onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button
          {...(danger ? { variant: "filled", color: "bad" } : { className: classes["verb"] })}
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          <Said message={verb} />
        </Button>
      </div>
    </Modal>
  );
}
