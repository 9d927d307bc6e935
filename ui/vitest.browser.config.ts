import { defineConfig } from "vitest/config";

/** The tests that open a browser: `npm run browser`. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/browser/**/*.test.ts"],
    // One browser at a time, for machines with two cores.
    fileParallelism: false,
    testTimeout: 120_000,
  },
});
