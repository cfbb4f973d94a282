import { join } from 'node:path';
import { utilityProcess } from 'electron';
import type { SandboxMessage, SpawnSandbox } from '../sandbox/start';

/** Starts a sandbox as a child of the main process, so that it outlives an engine that was killed. */
export const spawnSandbox: SpawnSandbox = (start) =>
  new Promise((resolve) => {
    const child = utilityProcess.fork(join(import.meta.dirname, 'sandbox.js'), [JSON.stringify(start)], {
      serviceName: 'Tapline sandbox',
    });
    child.on('message', (message: SandboxMessage) => {
      resolve(message.type === 'failed' ? message.message : null);
      if (message.type !== 'ready') child.kill();
    });
    child.on('exit', (code) => resolve(`the sandbox ended with ${code}`));
  });
