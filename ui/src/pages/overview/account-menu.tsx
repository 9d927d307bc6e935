/** What can be done with an account. */
import { ActionIcon, Menu } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Ask } from "../../components/ask";
import { Icon } from "../../components/icon";
import type { AccountStatus, Message } from "../../generated/schema";
import { nameOf } from "../../state/headline";
import { problemOf, useShell } from "../../store/calls";
import { useIsLive, usePlatform } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";

/** Ending a core is asked about while frameworks would notice. */
type Asked = "stop" | "restart";

type Props = {
  account: AccountStatus;
  /** Why something was not done; null when something else is begun. */
  onProblem: (problem: Message | null) => void;
};

/** Only what makes sense now. */
export function AccountMenu({ account, onProblem }: Props) {
  const words = useWords();
  const platform = usePlatform();
  const shell = useShell();
  const isLive = useIsLive();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { name, enabled, core } = account;
  const label = words.t("overview.menu", { name: nameOf(account) });
  const connected = account.clients.filter(({ connections }) => connections.length > 0).length;
  const runs = core !== null && !["stopped", "absent", "braked", "stopping"].includes(core.state);

  const run = async (deed: () => Promise<unknown>) => {
    onProblem(null);
    try {
      await deed();
    } catch (error) {
      onProblem(problemOf(error));
    }
  };
  const call = (deed: "start" | Asked) => void run(() => platform.call(deed, { account: name }));
  const end = (deed: Asked) => (connected > 0 && account.online ? setAsked(deed) : call(deed));
  const login = () => void navigate({ to: "/accounts/$account/login", params: { account: name } });
  const enable = () =>
    void run(() => platform.call("set_account_enabled", { account: name, enabled: !enabled }));

  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={label}>
            <Icon name="dots" size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            onClick={() => void navigate({ to: "/accounts/$account", params: { account: name } })}
          >
            {words.t("overview.details")}
          </Menu.Item>
          {core ? (
            <>
              <Menu.Item onClick={login}>{words.t("overview.login")}</Menu.Item>
              <Menu.Divider />
              {runs ? (
                <>
                  <Menu.Item disabled={!isLive} onClick={() => end("restart")}>
                    {words.t("overview.restart")}
                  </Menu.Item>
                  <Menu.Item disabled={!isLive} onClick={() => end("stop")}>
                    {words.t("overview.stop")}
                  </Menu.Item>
                </>
              ) : (
                <Menu.Item disabled={!isLive || !enabled} onClick={() => call("start")}>
                  {words.t("state.do_start")}
                </Menu.Item>
              )}
            </>
          ) : null}
          <Menu.Divider />
          {shell ? (
            <Menu.Item
              onClick={() => void run(() => shell.call("folder_open", { folder: "logs" }))}
            >
              {words.t("app.open_logs")}
            </Menu.Item>
          ) : null}
          <Menu.Item disabled={!isLive} onClick={enable}>
            {words.t(enabled ? "overview.disable" : "state.do_enable")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Ask
        opened={asked !== null}
        title={message("overview.menu", { name: nameOf(account) })}
        question={message("account.leave_count", { count: connected })}
        verb={message(asked === "stop" ? "overview.stop" : "overview.restart")}
        onConfirm={() => asked && call(asked)}
        onClose={() => setAsked(null)}
      />
    </>
  );
}
