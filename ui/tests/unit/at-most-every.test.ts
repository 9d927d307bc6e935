import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useAtMostEvery } from "../../src/pages/chat/use-at-most-every";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what changes with every picture is shown four times a second, and its last value in the end", () => {
  const seen: number[] = [];
  const { rerender, result } = renderHook(
    ({ value }) => {
      const shown = useAtMostEvery(250, value);
      if (seen.at(-1) !== shown) seen.push(shown);
      return shown;
    },
    { initialProps: { value: 0 } },
  );
  for (let value = 1; value <= 60; value += 1) {
    rerender({ value });
    act(() => vi.advanceTimersByTime(1000 / 60));
  }
  expect(seen.length).toBeGreaterThanOrEqual(4);
  expect(seen.length).toBeLessThanOrEqual(6);
  act(() => vi.advanceTimersByTime(250));
  expect(result.current).toBe(60);
});

test("what changes seldom is shown at once", () => {
  const { rerender, result } = renderHook(({ value }) => useAtMostEvery(250, value), {
    initialProps: { value: "first" },
  });
  act(() => vi.advanceTimersByTime(1000));
  rerender({ value: "second" });
  expect(result.current).toBe("second");
});
