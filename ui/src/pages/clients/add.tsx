/** Adding a client: the framework first, since it decides the rest. */
import { Button, Select, TextInput, UnstyledButton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useEffect, useState } from "react";
import { FRAMEWORKS, frameworkName, rememberFramework } from "../../components/connect";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { isComposing, isKey } from "../../components/keys";
import { ProblemNote } from "../../components/note";
import type { AccountStatus, Framework, NewClientKind } from "../../generated/schema";
import { nameOf } from "../../state/headline";
import { useCall, useDo } from "../../store/calls";
import { useIsLive, useStatus } from "../../store/context";
import { useWords } from "../../words/context";
import { harmless, harmlessName } from "../../words/harmless";
import { nameProblem } from "../../words/names";
import { Said } from "../../words/said";
import classes from "./add.module.css";
import { AddressField } from "./address-field";
import { type Format, FormatChoice, formatsOf } from "./format";
import { useAddress } from "./port";
import { WAYS, WayChoice, waitsAt } from "./way";

/** Where the search for a free address begins. */
const FIRST = "127.0.0.1:6700";

/** The framework's name, with a number if an account has it already. */
export function freeName(framework: Framework, taken: readonly string[]): string {
  const name = framework === "other" ? "bot" : framework;
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}

type Props = {
  /** The account that is chosen at first, if the list is filtered by it. */
  account: string | undefined;
  onClose: () => void;
};

/** Esc closes it, twice if something was typed. */
export function AddDialog({ account, onClose }: Props) {
  const words = useWords();
  const status = useStatus();
  const accounts = status?.accounts ?? [];
  const [isChanged, setChanged] = useState(false);
  const first = accounts.find(({ name }) => name === account) ?? accounts[0];
  return (
    <Dialog
      opened
      onClose={onClose}
      title={words.t("client.add")}
      size={520}
      padding={0}
      touched={isChanged}
      classNames={{ header: classes["header"] ?? "" }}
    >
      {first ? (
        <AddForm
          accounts={accounts}
          first={first}
          onClose={onClose}
          onChanged={() => setChanged(true)}
        />
      ) : status ? (
        <p className={classes["body"]}>{words.t("client.no_account")}</p>
      ) : null}
    </Dialog>
  );
}

type FormProps = {
  accounts: AccountStatus[];
  first: AccountStatus;
  onClose: () => void;
  onChanged: () => void;
};

function AddForm({ accounts, first, onClose, onChanged }: FormProps) {
  const words = useWords();
  const navigate = useNavigate();
  const isLive = useIsLive();
  const { run, running, problem } = useDo("client_add");
  const [framework, setFramework] = useState<Framework>("nonebot");
  const [account, setAccount] = useState(first.name);
  const [typedName, setTypedName] = useState<string | null>(null);
  const [typedListen, setTypedListen] = useState<string | null>(null);
  const taken =
    accounts.find(({ name }) => name === account)?.clients.map(({ name }) => name) ?? [];
  const name = typedName ?? freeName(framework, taken);
  const free = useFreeAddress();
  const address = useAddress(
    typedListen ?? free ?? "",
    (listen) => {
      setTypedListen(listen);
      onChanged();
    },
    {},
  );
  const [typedUrl, setTypedUrl] = useState<string | null>(null);
  const [token, setToken] = useState("");
  const [chosenWay, setChosenWay] = useState<NewClientKind | null>(null);
  const [chosenFormat, setFormat] = useState<Format>("as-sent");
  const ways = WAYS[framework];
  const way = ways.find((one) => one === chosenWay) ?? ways[0];
  const url = typedUrl ?? waitsAt(framework, way);
  const format = formatsOf(framework).includes(chosenFormat) ? chosenFormat : "as-sent";
  const isTaken = taken.includes(name.trim());
  const misnamed = nameProblem(name.trim());
  // To a port of ours.
  const comes = way === "forward" || way === "http";
  const hasAddress = comes ? address.isGood : url.trim() !== "";
  const cannot = !isLive || name.trim() === "" || isTaken || misnamed !== null || !hasAddress;

  const add = async () => {
    if (cannot || running) return;
    const names = {
      account,
      name: name.trim(),
      framework,
      ...(format === "as-sent" ? {} : { format }),
    };
    const added = await run(
      comes
        ? { ...names, listen: address.wanted, ...(way === "http" ? { kind: way } : {}) }
        : {
            ...names,
            // The other one is what an address means by itself.
            ...(way === "post" ? { kind: way } : {}),
            url: url.trim(),
            ...(token === "" ? {} : { token }),
          },
    ).catch(() => null);
    if (!added) return;
    rememberFramework(added.account, added.client, framework);
    await navigate({
      to: "/clients/$account/$client",
      params: { account: added.account, client: added.client },
      search: { tab: "connect" },
    });
  };
  const entered = (event: KeyboardEvent) => {
    if (isKey(event, "Enter")) {
      event.preventDefault();
      void add();
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
      onKeyDown={(event) => {
        // Enter that picks a word of an input method adds nothing.
        if (isComposing(event)) event.stopPropagation();
      }}
    >
      <div className={classes["body"]}>
        <Frameworks value={framework} onChange={setFramework} />
        <div className={classes["two"]}>
          <Select
            label={words.t("client.account")}
            value={account}
            data={accounts.map((one) => ({
              value: one.name,
              label: accountLabel(one, (called) =>
                words.t("client.account_named", { called, name: harmless(one.name) }),
              ),
            }))}
            onChange={(chosen) => setAccount(chosen ?? account)}
          />
          <TextInput
            label={words.t("client.name")}
            value={name}
            error={
              misnamed ? (
                <Said alone message={misnamed} />
              ) : isTaken ? (
                words.t("client.name_taken", { name: harmless(name.trim()) })
              ) : null
            }
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setTypedName(event.currentTarget.value);
              onChanged();
            }}
            onKeyDown={entered}
          />
        </div>
        <WayChoice
          framework={framework}
          way={way}
          onChange={(chosen) => {
            setChosenWay(chosen);
            setTypedUrl(null);
          }}
        />
        {comes ? (
          <>
            <div className={classes["part"]}>
              <AddressField
                label={words.t("client.listen")}
                address={address}
                onEnter={() => void add()}
              />
            </div>
            <div className={classes["part"]}>
              <span className={classes["label"]}>{words.t("client.token")}</span>
              <span data-tone="ok" className={classes["token"]}>
                <Icon name="lock" size={16} />
                {words.t("client.token_made")}
              </span>
            </div>
          </>
        ) : (
          <>
            <div className={classes["part"]}>
              <TextInput
                label={words.t("client.url")}
                value={url}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => {
                  setTypedUrl(event.currentTarget.value);
                  onChanged();
                }}
                onKeyDown={entered}
              />
            </div>
            <div className={classes["part"]}>
              <TextInput
                type="password"
                label={words.t(way === "post" ? "client.secret" : "client.token")}
                description={words.t(
                  way === "post" ? "client.secret_of_framework" : "client.token_of_framework",
                )}
                value={token}
                autoComplete="off"
                onChange={(event) => {
                  setToken(event.currentTarget.value);
                  onChanged();
                }}
                onKeyDown={entered}
              />
            </div>
          </>
        )}
        <FormatChoice
          framework={framework}
          format={format}
          onChange={(chosen) => {
            setFormat(chosen);
            onChanged();
          }}
        />
        {problem ? (
          <div className={classes["part"]}>
            <ProblemNote problem={problem} />
          </div>
        ) : null}
      </div>
      <div className={classes["foot"]}>
        <Button data-cancel onClick={onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button type="submit" variant="filled" loading={running} disabled={cannot}>
          {words.t("client.add_and_connect")}
        </Button>
      </div>
    </form>
  );
}

/** The nickname with the name of the settings, or that alone. */
function accountLabel(account: AccountStatus, both: (called: string) => string): string {
  const called = harmlessName(nameOf(account));
  return called === harmless(account.name) ? called : both(called);
}

/** The next address that is free, once perpetua has said so. */
function useFreeAddress(): string | null {
  const isLive = useIsLive();
  const { data, error } = useCall("port_check", { listen: FIRST }, { enabled: isLive });
  if (error) return FIRST;
  if (!data) return null;
  return data.state === "free" ? FIRST : (data.next_free ?? FIRST);
}

type FrameworksProps = { value: Framework; onChange: (framework: Framework) => void };

function Frameworks({ value, onChange }: FrameworksProps) {
  const words = useWords();
  const [moved, setMoved] = useState(false);
  useEffect(() => {
    if (moved) document.getElementById(`framework ${value}`)?.focus();
  }, [moved, value]);
  const pressed = (event: KeyboardEvent) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (steps === undefined || isComposing(event)) return;
    event.preventDefault();
    const place = FRAMEWORKS.indexOf(value) + steps + FRAMEWORKS.length;
    const next = FRAMEWORKS[place % FRAMEWORKS.length];
    if (!next) return;
    setMoved(true);
    onChange(next);
  };
  return (
    <div
      role="radiogroup"
      aria-label={words.t("client.framework")}
      className={classes["frameworks"]}
      onKeyDown={pressed}
    >
      {FRAMEWORKS.map((framework) => {
        const hint =
          WAYS[framework][0] === "reverse"
            ? "client.it_waits"
            : framework === "other"
              ? "client.any_program"
              : "client.it_dials";
        return (
          <UnstyledButton
            key={framework}
            id={`framework ${framework}`}
            role="radio"
            aria-checked={framework === value}
            tabIndex={framework === value ? 0 : -1}
            className={classes["framework"]}
            {...(framework === value ? { "data-autofocus": true } : {})}
            onClick={() => onChange(framework)}
          >
            <b className="medium sm">{frameworkName(words, framework)}</b>
            <span className={classes["hint"]}>{words.t(hint)}</span>
          </UnstyledButton>
        );
      })}
    </div>
  );
}
