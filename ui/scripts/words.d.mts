/** The folder of the catalogue. */
export const locales: string;
/** The sentences of one language by namespace. */
export function catalogue(language: string): Record<string, Record<string, string>>;
/** The parameters of each code, from all its plural forms. */
export function codes(
  namespaces: Record<string, Record<string, string>>,
): Map<string, Map<string, string>>;
/** Writes the types of the codes to src/generated/words.ts. */
export function write(): void;
