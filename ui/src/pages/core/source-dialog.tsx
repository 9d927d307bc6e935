/** One more source of cores: its kind, and what that kind needs. */
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { FormDialog } from "../../components/form-dialog";
import { ProblemNote } from "../../components/note";
import type { CoreSourceKind, CoreSourceWanted, Message } from "../../generated/schema";
import { useIsLive } from "../../store/context";
import { useWords } from "../../words/context";
import type { Code } from "../../words/words";
import classes from "./core.module.css";

type Field = { label: Code; example: string };

type Kind = {
  kind: CoreSourceKind;
  name: Code;
  meaning: Code;
  field: Field;
  source: (text: string, tag: string) => CoreSourceWanted;
};

const TAG: Field = { label: "cores.source_tag", example: "nightly" };

export const KINDS: Kind[] = [
  {
    kind: "github",
    name: "cores.source_github",
    meaning: "cores.source_github_meaning",
    field: { label: "cores.source_repository", example: "LagrangeDev/Lagrange.Core" },
    source: (repository, tag) => ({ kind: "github", repository, ...(tag ? { tag } : {}) }),
  },
  {
    kind: "mirror",
    name: "cores.source_mirror",
    meaning: "cores.source_mirror_meaning",
    field: { label: "cores.source_prefix", example: "https://proxy.example/" },
    source: (prefix) => ({ kind: "mirror", prefix }),
  },
  {
    kind: "index",
    name: "cores.source_index",
    meaning: "cores.source_index_meaning",
    field: { label: "cores.source_url", example: "https://host.example/core.json" },
    source: (url) => ({ kind: "index", url }),
  },
  {
    kind: "local",
    name: "cores.source_local",
    meaning: "cores.source_local_meaning",
    field: { label: "cores.source_path", example: "/srv/cores" },
    source: (path) => ({ kind: "local", path }),
  },
];

type Props = {
  /** Rejects when it was refused. */
  add: (source: CoreSourceWanted, name: string) => Promise<void>;
  running: boolean;
  problem: Message | null;
  forget: () => void;
  onClose: () => void;
};

export function SourceDialog({ add, running, problem, forget, onClose }: Props) {
  const words = useWords();
  const isLive = useIsLive();
  const [chosen, choose] = useState<CoreSourceKind>("mirror");
  const [text, setText] = useState("");
  const [tag, setTag] = useState("");
  const kind = KINDS.find((one) => one.kind === chosen);
  if (!kind) return null;
  const cannot = !isLive || text.trim() === "";
  const run = async () => {
    if (cannot || running) return;
    try {
      await add(kind.source(text.trim(), tag.trim()), text.trim());
      onClose();
    } catch {
      // The dialog says why.
    }
  };
  const field = ({ label, example }: Field, value: string, set: (text: string) => void) => (
    <TextInput
      mt={12}
      label={words.say({ code: label })}
      placeholder={example}
      spellCheck={false}
      autoComplete="off"
      styles={{ input: { fontFamily: "var(--mono)" } }}
      value={value}
      onChange={(event) => {
        set(event.currentTarget.value);
        forget();
      }}
    />
  );
  return (
    <FormDialog
      title={words.t("cores.source_add")}
      isTouched={text !== "" || tag !== ""}
      onSubmit={run}
      onClose={onClose}
    >
      <NativeSelect
        label={words.t("cores.source_kind")}
        description={words.say({ code: kind.meaning })}
        inputWrapperOrder={["label", "input", "description"]}
        data-autofocus
        data={KINDS.map(({ kind, name }) => ({ value: kind, label: words.say({ code: name }) }))}
        value={chosen}
        onChange={(event) => {
          const value = event.currentTarget.value;
          const next = KINDS.find((one) => one.kind === value);
          if (next) choose(next.kind);
          forget();
        }}
      />
      {field(kind.field, text, setText)}
      {chosen === "github" ? field(TAG, tag, setTag) : null}
      {problem ? (
        <div className={classes["below"]}>
          <ProblemNote problem={problem} />
        </div>
      ) : null}
      <div className={classes["answers"]}>
        <Button data-cancel onClick={onClose}>
          {words.t("app.cancel")}
        </Button>
        <Button type="submit" variant="filled" loading={running} disabled={cannot}>
          {words.t("cores.source_add")}
        </Button>
      </div>
    </FormDialog>
  );
}
