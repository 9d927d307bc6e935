/** Newer versions of perpetua: what is known of them, and how they come. */
import { OptionRow, Options, SwitchRow } from "../../components/option";
import { Seg } from "../../components/seg";
import type { VersionChannel } from "../../generated/schema";
import { useShellStatus } from "../../shell/shell-status";
import { useWords } from "../../words/context";
import { type Code, message } from "../../words/words";
import { Outcome, Unknown } from "./outcome";
import { type Settings, usePreferences } from "./preferences";
import { NodeVersion, WindowVersion } from "./version";

/** A window's program gets them itself; a browser is told of them. */
export function Updates() {
  const words = useWords();
  const shell = useShellStatus();
  const settings = usePreferences();
  const { preferences, problem, again } = settings;
  return (
    <>
      <Options label={words.t("settings.updates")}>
        {shell ? <WindowVersion version={shell.version} update={shell.update} /> : <NodeVersion />}
      </Options>
      {preferences ? (
        <>
          <Wishes settings={settings} installs={shell !== null && shell.update.by_hand === null} />
          <Outcome problem={problem} result={settings.result} />
        </>
      ) : (
        <Unknown problem={problem} again={again} />
      )}
    </>
  );
}

const CHANNELS: Record<VersionChannel, Code> = {
  stable: "settings.update_stable",
  beta: "settings.update_beta",
};

type WishesProps = { settings: Settings; installs: boolean };

/** Whether and which. */
function Wishes({ settings: { preferences, disabled, change }, installs }: WishesProps) {
  const words = useWords();
  if (!preferences) return null;
  const { check, channel } = preferences.updates;
  return (
    <Options label={words.t("settings.update_channel")}>
      <SwitchRow
        title={message(installs ? "settings.update_auto" : "settings.update_look")}
        meaning={message(
          installs ? "settings.update_auto_meaning" : "settings.update_look_meaning",
        )}
        checked={check}
        disabled={disabled}
        onChange={(on) => {
          const what = message(on ? "settings.what_update_on" : "settings.what_update_off");
          change({ update_check: on }, what);
        }}
      />
      <OptionRow
        title={message("settings.update_channel")}
        meaning={message("settings.update_channel_meaning")}
        control={() => (
          <Seg
            label={words.t("settings.update_channel")}
            value={channel}
            options={(Object.keys(CHANNELS) as VersionChannel[]).map((value) => ({
              value,
              label: words.say({ code: CHANNELS[value] }),
            }))}
            disabled={disabled}
            onChange={(channel) => {
              const named = { channel: { code: CHANNELS[channel] } };
              change({ update_channel: channel }, message("settings.what_update_channel", named));
            }}
          />
        )}
      />
    </Options>
  );
}
