/** What is seldom done with a version. */
import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { useState } from "react";
import { Ask } from "../../components/ask";
import { saying, useCopy } from "../../components/copy";
import { Icon } from "../../components/icon";
import type { CoreVersion } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import { message } from "../../words/words";
import type { Verbs } from "./use-verbs";

type Props = { version: CoreVersion; users: string[]; verbs: Verbs };

/** One that is current or in use stays. */
export function VersionMenu({ version, users, verbs }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const { copy, result } = useCopy();
  const said = saying(result);
  const [asked, setAsked] = useState(false);
  const { id, sha256, current } = version;
  return (
    <>
      <Tooltip
        label={said}
        opened={result.state === "by_hand" || result.state === "failed"}
        multiline
        maw={320}
      >
        <span>
          <Menu>
            <Menu.Target>
              <ActionIcon aria-label={words.t("cores.menu", { version: id })}>
                <Icon name={result.state === "copied" ? "check" : "dots"} size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {current ? null : (
                <Menu.Item disabled={!isLive} onClick={() => verbs.verify(id)}>
                  {words.t("cores.verify")}
                </Menu.Item>
              )}
              <Menu.Item onClick={() => void copy(sha256)}>
                {words.t("setup.copy_sha256")}
              </Menu.Item>
              {current || users.length > 0 ? null : (
                <>
                  <Menu.Divider />
                  <Menu.Item disabled={!isLive} onClick={() => setAsked(true)}>
                    {words.t("welcome.signer_remove")}
                  </Menu.Item>
                </>
              )}
            </Menu.Dropdown>
          </Menu>
        </span>
      </Tooltip>
      <span className="unseen" role="status">
        {said}
      </span>
      <Ask
        opened={asked}
        title={message("cores.remove_title", { version: id })}
        question={message("cores.remove_question")}
        verb={message("welcome.signer_remove")}
        onConfirm={() => verbs.remove(id)}
        onClose={() => setAsked(false)}
      />
    </>
  );
}
