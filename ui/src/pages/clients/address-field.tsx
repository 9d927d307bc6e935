/** Where a client is waited for: the address, what is known of it, the next free one, and the warning. */
import { Button, TextInput, UnstyledButton } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { Icon } from "../../components/icon";
import { isKey } from "../../components/keys";
import { Note } from "../../components/note";
import type { Message } from "../../generated/schema";
import { useWords } from "../../words/context";
import { Said } from "../../words/said";
import { message } from "../../words/words";
import classes from "./address-field.module.css";
import { type Address, onLoopback, portOf } from "./port";

type Props = {
  label: string;
  address: Address;
  disabled?: boolean;
  /** Enter, where an address can be taken. */
  onEnter?: () => void;
  /** Esc, where something was typed. */
  onEscape?: () => void;
  /** What else is to be known before it is taken. */
  notice?: Message | null;
};

/** Leaving this machine takes a second click, on plain words. */
export function AddressField(props: Props) {
  const { label, address, disabled = false, onEnter, onEscape, notice = null } = props;
  const words = useWords();
  const { type, line, next } = address;
  const pressed = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isKey(event, "Enter") && onEnter) {
      event.preventDefault();
      if (address.isGood) onEnter();
    }
    if (isKey(event, "Escape") && onEscape) {
      event.preventDefault();
      onEscape();
    }
  };
  return (
    <div>
      <TextInput
        label={label}
        value={address.value}
        disabled={disabled}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        error={line?.tone === "bad"}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <div className={classes["line"]} role="status">
        {line ? (
          <span className={classes["said"]} data-tone={line.tone}>
            <Icon name={line.icon} size={16} />
            <span>
              <Said message={line.said} alone />
            </span>
          </span>
        ) : null}
        {next ? (
          <UnstyledButton
            className={classes["next"]}
            disabled={disabled}
            onClick={() => type(next)}
          >
            {words.t("client.use_port", { port: portOf(next) })}
          </UnstyledButton>
        ) : null}
      </div>
      {notice ? (
        <p className={classes["notice"]} role="status">
          <Said message={notice} alone />
        </p>
      ) : null}
      {address.asksToAgree ? (
        <div className={classes["warning"]}>
          <Note
            tone="you"
            icon="alert-triangle"
            title={message("client.open_title")}
            action={
              <>
                <Button data-autofocus onClick={() => type(onLoopback(address.wanted))}>
                  {words.t("client.keep_closed")}
                </Button>
                <Button onClick={address.agree}>{words.t("client.agree_open")}</Button>
              </>
            }
          >
            {words.t("client.open_long")}
          </Note>
        </div>
      ) : null}
    </div>
  );
}
