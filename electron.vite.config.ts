import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);
const alias = { '@shared': at('src/shared'), '@main': at('src/main'), '@renderer': at('src/renderer') };

export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      // The command line and the browser host run on plain Node 20, so do not let electron-vite pick Electron's newer target.
      target: 'node20.19',
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          electron: at('src/main/electron/index.ts'),
          'engine-process': at('src/main/electron/engine-process.ts'),
          sandbox: at('src/main/sandbox/process.ts'),
          cli: at('src/main/cli/index.ts'),
          start: at('src/main/cli/start.ts'),
        },
      },
    },
  },
  preload: {
    resolve: { alias },
    build: {
      externalizeDeps: false, // a sandboxed preload may require only 'electron'
      rolldownOptions: {
        input: { index: at('src/main/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' }, // sandbox means CommonJS
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    resolve: { alias },
    plugins: [react()],
    build: {
      minify: true,
      chunkSizeWarningLimit: 4000,
      rolldownOptions: { input: { index: at('src/renderer/index.html') } },
    },
  },
});
