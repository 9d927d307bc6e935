/** The way from QQ to perpetua of an account that is well. */
import { Chain, type ChainLink } from "../../components/chain";
import type { AccountStatus } from "../../generated/schema";
import { bytes } from "../../words/amounts";
import { useWords } from "../../words/context";
import type { Words } from "../../words/words";
import classes from "./overview.module.css";

/** A simulator has no way to show. */
export function AccountChain({ account }: { account: AccountStatus }) {
  const words = useWords();
  const links = linksOf(words, account);
  return links.length > 0 ? (
    <div className={classes["chain"]}>
      <Chain label={words.t("overview.chain")} links={links} />
    </div>
  ) : null;
}

function linksOf(words: Words, { core, upstream }: AccountStatus): ChainLink[] {
  const well = { tone: "ok", icon: "circle-check" } as const;
  if (core) return coreLinks(words, core);
  if (upstream.kind === "simulator" || !upstream.address) return [];
  const address = words.t("overview.chain_upstream", { address: upstream.address });
  const implementation = upstream.implementation;
  const answers = implementation ? words.t("overview.chain_answers", { implementation }) : null;
  return [
    { ...well, key: "upstream", text: address },
    ...(answers ? [{ ...well, key: "answers", text: answers }] : []),
  ];
}

function coreLinks(words: Words, core: NonNullable<AccountStatus["core"]>): ChainLink[] {
  const { signer, version, process } = core;
  const well = { tone: "ok", icon: "circle-check" } as const;
  const links: ChainLink[] = [];
  if (signer) {
    const name = signer.name ?? signer.host;
    const isDoubtful = signer.warning !== null;
    const text =
      signer.latency_ms === null
        ? words.t("overview.chain_signer_alone", { name })
        : words.t("overview.chain_signer", { name, milliseconds: signer.latency_ms });
    const state = isDoubtful ? ({ tone: "you", icon: "alert-circle" } as const) : well;
    links.push({ ...state, key: "signer", text });
  }
  if (version) {
    const memory = process?.memory_bytes;
    const text = words.t("overview.chain_core", { version });
    links.push({ ...well, key: "core", text, more: memory ? `· ${bytes(memory)}` : null });
  }
  return [...links, { ...well, key: "session", text: words.t("overview.chain_session") }];
}
