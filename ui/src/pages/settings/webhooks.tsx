/** Addresses that are told too; they are set in the file, and can be tried here. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { OptionRow, Options } from "../../components/option";
import type { Message, WebhookReport, WebhookShown } from "../../generated/schema";
import { problemOf, useDo } from "../../store/calls";
import { useWords } from "../../words/context";
import { message } from "../../words/words";

/** Nothing where there are none. */
export function Webhooks({ webhooks, disabled }: { webhooks: WebhookShown[]; disabled: boolean }) {
  const words = useWords();
  if (webhooks.length === 0) return null;
  return (
    <>
      <h2 className="section-title">{words.t("settings.webhooks")}</h2>
      <Options label={words.t("settings.webhooks")}>
        {webhooks.map(({ host }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a webhook is known by its place
          <Webhook key={`${host} ${index}`} host={host} index={index} disabled={disabled} />
        ))}
      </Options>
    </>
  );
}

type Props = { host: string; index: number; disabled: boolean };

function Webhook({ host, index, disabled }: Props) {
  const words = useWords();
  const test = useDo("webhook_test");
  const [report, setReport] = useState<WebhookReport | null>(null);
  const [failed, setFailed] = useState<Message | null>(null);
  const run = async () => {
    setReport(null);
    setFailed(null);
    try {
      setReport(await test.run({ index }));
    } catch (error) {
      setFailed(problemOf(error));
    }
  };
  return (
    <OptionRow
      title={message("settings.webhook", { number: index + 1 })}
      meaning={report ? answer(report) : host}
      problem={report?.problem ?? failed}
      control={(described) => (
        <Button
          loading={test.running}
          disabled={disabled}
          onClick={() => void run()}
          aria-describedby={described["aria-labelledby"]}
        >
          {words.t("settings.webhook_test")}
        </Button>
      )}
    />
  );
}

function answer({ status, took_ms: milliseconds }: WebhookReport): Message {
  return status === null
    ? message("settings.webhook_delivered", { milliseconds })
    : message("settings.webhook_answer", { status, milliseconds });
}
