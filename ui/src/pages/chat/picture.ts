/** Pictures that are pasted, dropped or chosen, and what they are. */

/** The largest one that is sent: in base64 it fits into a call, and is kept to be seen (2 MiB each). */
export const LARGEST = 1_500_000;

/** How a file in base64 begins, by what it is. */
const BEGINNINGS: [string, string][] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];

/** The type of a picture in base64; null if it is none that a page may show. */
export function pictureType(base64: string): string | null {
  return BEGINNINGS.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? null;
}

/** A file in base64. */
export function toBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    reader.onload = () => {
      const address = String(reader.result);
      resolve(address.slice(address.indexOf(",") + 1));
    };
    reader.readAsDataURL(file);
  });
}
