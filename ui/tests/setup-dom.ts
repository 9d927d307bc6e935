import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// Several suites share two cores: a page that is drawn late is still drawn.
configure({ asyncUtilTimeout: 5000 });

// Mantine asks for the theme of the system; a test has none.
window.matchMedia ??= ((query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  addListener: () => undefined,
  removeListener: () => undefined,
  onchange: null,
  dispatchEvent: () => false,
})) as typeof window.matchMedia;

// Without a layout a virtual list would have no room for a row: lists are 600 px high here, rows 40.
for (const name of ["clientHeight", "offsetHeight"]) {
  Object.defineProperty(HTMLElement.prototype, name, {
    configurable: true,
    get(this: HTMLElement) {
      return this.style.overflow === "auto" ? 600 : 40;
    },
  });
}

// Fields that grow with their text measure it anew when a font has come.
if (!document.fonts) {
  Object.defineProperty(document, "fonts", { value: new EventTarget() });
}

// Nothing scrolls here.
Element.prototype.scrollIntoView = () => undefined;
