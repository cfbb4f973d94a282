import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';
import base from './vitest.config';

// Measured as brokers are used: with their data on a disk.
process.env.TAPLINE_TEST_BROKERS ??= tmpdir();

/** `npm run bench`: measures ratios in one run; never part of the tests. One file at a time, so that they do not disturb each other. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/bench/**/*.bench.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    disableConsoleIntercept: true,
  },
});
