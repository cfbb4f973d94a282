import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { nodeWorkers } from './test/support/node-worker.ts';

const at = (path: string) => resolve(import.meta.dirname, path);
const alias = { '@shared': at('src/shared'), '@main': at('src/main'), '@renderer': at('src/renderer') };

export default defineConfig({
  resolve: { alias },
  plugins: [nodeWorkers(alias)],
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Two cores: more workers only make brokers and browsers wait for each other.
    maxWorkers: 2,
  },
});
