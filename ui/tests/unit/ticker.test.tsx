import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setClock } from "../../src/platform/clock";
import { useNow } from "../../src/store/ticker";

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(10_400);
  setClock();
});
afterEach(() => {
  vi.useRealTimers();
});

function Clock({ id }: { id: string }) {
  return <p data-testid={id}>{useNow()}</p>;
}

const shown = (id: string) => screen.getByTestId(id).textContent;

test("all clocks tick together, on the second, and none when nobody looks", () => {
  const page = render(
    <>
      <Clock id="a" />
      <Clock id="b" />
    </>,
  );
  expect([shown("a"), shown("b")]).toEqual(["10400", "10400"]);
  act(() => void vi.advanceTimersByTime(599));
  expect(shown("a")).toBe("10400");
  act(() => void vi.advanceTimersByTime(1));
  expect([shown("a"), shown("b")]).toEqual(["11000", "11000"]);
  act(() => void vi.advanceTimersByTime(3000));
  expect(shown("b")).toBe("14000");
  expect(vi.getTimerCount(), "one timer for all").toBe(1);
  page.unmount();
  expect(vi.getTimerCount()).toBe(0);
});

test("a clock that is turned back by hours stops no clock of the page", () => {
  const page = render(<Clock id="a" />);
  vi.setSystemTime(10_400 - 3 * 3_600_000);
  act(() => void vi.advanceTimersByTime(2600));
  expect(shown("a")).toBe("13000");
  page.unmount();
});
