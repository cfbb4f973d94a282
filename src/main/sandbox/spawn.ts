import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SandboxMessage, SandboxStart, SpawnSandbox } from './start';

/** The built program of the sandbox process, seen from the built programs and from the sources. @throws when it is not built */
export function sandboxProgram(from: string = import.meta.dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    for (const candidate of [join(folder, 'sandbox.js'), join(folder, 'out', 'main', 'sandbox.js')])
      if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error('The sandbox is not built: run "npm run build" first.');
  }
}

/** Spawns the sandbox as a process of plain Node that goes on when this one is killed. */
export const spawnSandbox: SpawnSandbox = (start: SandboxStart) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [sandboxProgram(), JSON.stringify(start)], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const end = (reason: string | null) => {
      if (child.connected) child.disconnect();
      child.unref();
      resolve(reason);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code) => end(`the sandbox ended with ${code}`));
    child.once('message', (message: SandboxMessage) => end(message.type === 'failed' ? message.message : null));
  });
