/** Makes sentences of codes, in one language. Nothing here knows React or the page. */
import { createInstance, type i18n } from "i18next";
import type { Message, Param } from "../generated/schema";
import type { Codes } from "../generated/words";
import { forPages } from "./for-pages";
import { harmless } from "./harmless";

/** The languages of the catalogue. */
export type Language = "zh-CN" | "en";

/** The sentences of one language: namespace, key, sentence. */
export type Catalogue = Record<string, Record<string, string>>;

/** Every code that the catalogue has. */
export type Code = keyof Codes;

/** Nothing for a sentence without parameters, else the object of them. */
export type ParamsOf<K extends Code> = Codes[K] extends null ? [] : [params: Codes[K]];

/** A message whose code and parameters the compiler has checked. */
export function message<K extends Code>(code: K, ...[params]: ParamsOf<K>): Message {
  return params ? { code, params: params as Record<string, Param> } : { code };
}

/** One language, able to say things. */
export class Words {
  readonly #sentences: i18n;
  /** Sentences without parameters as they were said: most of a list is made of them, again and again. */
  readonly #plain = new Map<string, string>();

  constructor(
    readonly language: Language,
    catalogue: Catalogue,
  ) {
    this.#sentences = createInstance();
    void this.#sentences.init({
      lng: language,
      fallbackLng: false,
      resources: { [language]: catalogue },
      ns: Object.keys(catalogue),
      nsSeparator: ".",
      keySeparator: false,
      interpolation: { escapeValue: false, skipOnVariables: true },
      // A message of another version may lack a parameter; the rest of the sentence still helps.
      missingInterpolationHandler: () => "",
      initAsync: false,
    });
  }

  /** The sentence of a code of ours. */
  t<K extends Code>(code: K, ...params: ParamsOf<K>): string {
    return this.say(message(code, ...params));
  }

  /** A message as a sentence; one of a newer program as its code and parameters. */
  say({ code, params }: Message): string {
    if (params && Object.keys(params).length > 0) return this.#say(code, params);
    const known = this.#plain.get(code);
    if (known !== undefined) return known;
    const said = this.#say(code, {});
    // What others make up as a code is not kept: there is no end to it.
    if (this.#sentences.exists(forPages(code))) this.#plain.set(code, said);
    return said;
  }

  #say(shared: string, params: Record<string, Param>): string {
    const code = forPages(shared);
    const said = Object.entries(params).map(([name, param]) => [name, this.#param(param)] as const);
    const count = params["count"];
    const chosenBy = typeof count === "number" ? { count } : {};
    if (!this.#sentences.exists(code, chosenBy)) {
      return [harmless(code), ...said.map(([name, text]) => `${harmless(name)}=${text}`)].join(" ");
    }
    const replace: Record<string, string> = Object.fromEntries(said);
    // A count has separators; ids, ports and codes are read digit by digit.
    if (typeof count === "number") replace["count"] = count.toLocaleString(this.language);
    return this.#sentences.t(code, { ...chosenBy, replace });
  }

  /**
   * A message that stands alone: most begin small, since they may follow a colon. Names at the
   * beginning stay as they are.
   */
  alone({ code: shared, params = {} }: Message): string {
    const code = forPages(shared);
    const said = this.say({ code, params });
    const count = params["count"];
    if (!this.#sentences.exists(code, typeof count === "number" ? { count } : {})) return said;
    const options = { skipInterpolation: true, ...(typeof count === "number" ? { count } : {}) };
    const isName = /^(\{\{|`|perpetua\b|[^a-z])/.test(this.#sentences.t(code, options));
    return isName ? said : said.slice(0, 1).toUpperCase() + said.slice(1);
  }

  /** Several things one after the other, as `a, b and c` is not: names are not translated. */
  list(parts: string[]): string {
    return parts.join(this.language === "en" ? ", " : "、");
  }

  /** Sentences one after the other. */
  sentences(parts: string[]): string {
    return parts.join(this.language === "en" ? " " : "");
  }

  #param(param: Param): string {
    if (typeof param === "number") return String(param);
    if (typeof param === "string") return harmless(param);
    if (Array.isArray(param)) {
      return param.map((part) => this.say(part)).join(this.language === "en" ? "; " : "；");
    }
    return this.say(param);
  }
}
