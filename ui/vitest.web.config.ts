import { defineConfig } from "vitest/config";

/** The tests that open the pages of a real `perpetuad` in a browser: `npm run web`. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/web/**/*.test.ts"],
    // One browser at a time, for machines with two cores.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
