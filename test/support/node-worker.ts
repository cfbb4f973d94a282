import { basename, join } from 'node:path';
import { build, type Plugin } from 'vite';

/**
 * `import createWorker from './thread?nodeWorker'` in tests, as electron-vite has it in builds: the thread's program is
 * bundled into a file, since Node cannot start one from TypeScript.
 */
export function nodeWorkers(alias: Record<string, string>): Plugin {
  const SUFFIX = '?nodeWorker';
  return {
    name: 'node-workers',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(SUFFIX)) return undefined;
      const entry = id.slice(0, -SUFFIX.length);
      // Below node_modules, so that packages are found from there.
      const outDir = join(import.meta.dirname, '../../node_modules/.tapline-test');
      const fileName = `${basename(entry, '.ts')}-${process.pid}.mjs`;
      await build({
        configFile: false,
        logLevel: 'error',
        resolve: { alias },
        build: {
          ssr: entry,
          target: 'node20',
          outDir,
          emptyOutDir: false,
          rolldownOptions: { output: { entryFileNames: fileName } },
        },
      });
      return `import { Worker } from 'node:worker_threads';
        export default (options) => new Worker(${JSON.stringify(join(outDir, fileName))}, options);`;
    },
  };
}
