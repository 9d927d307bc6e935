import type { Browser, Page } from "playwright-core";

/** What the address of the gallery takes. */
export type Asked = {
  scenario?: string;
  /** So many clients, in place of a scenario. */
  clients?: string;
  language: "en" | "zh-CN";
  theme: "light" | "dark";
  path?: string;
};

export type Gallery = {
  /** All scenarios: their names, and the first part of the address of the page that they show. */
  scenarios: { name: string; page: string }[];
  browser: Browser;
  /** Where a scenario is shown. */
  address(asked: Asked): string;
  close(): Promise<void>;
};

/** How the browser is started. */
export function browserOptions(): { executablePath: string; args: string[] };
/** Builds and serves the gallery, and opens a browser. */
export function openGallery(): Promise<Gallery>;
/** Opens one scenario in a page, and waits until all of it is there. */
export function show(page: Page, gallery: Gallery, asked: Asked): Promise<void>;
