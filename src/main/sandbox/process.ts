import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '@shared/failure';
import { hostSandbox } from './hosted-sandbox';
import { type SandboxMessage, sandboxFiles, sandboxStartSchema } from './start';

/**
 * The sandbox's own process, so that it outlives an engine that was killed and never makes a window stutter. Started with a
 * SandboxStart as JSON; says once whether it is there, to Node's or Electron's parent; ends when nobody needs it.
 */
const start = sandboxStartSchema.parse(JSON.parse(process.argv.at(-1) ?? ''));
const { log } = sandboxFiles(start);

function tell(message: SandboxMessage): void {
  if (process.parentPort) process.parentPort.postMessage(message);
  // Whoever spawned it may be gone already.
  else process.send?.(message, undefined, {}, () => {});
}

function reportBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  appendFileSync(log, `${JSON.stringify({ at: new Date().toISOString(), pid: process.pid, bug: text })}\n`, {
    mode: 0o600,
  });
}

process.on('unhandledRejection', (error) => {
  throw error;
});
process.on('uncaughtException', (error) => {
  reportBug(error);
  // Its state cannot be trusted any more. Whoever holds it starts it again from what it kept last.
  process.exit(1);
});

try {
  const hosted = await hostSandbox(start, { reportBug, onEnded: () => process.exit(0) });
  tell({ type: hosted === null ? 'running-already' : 'ready' });
  process.on('SIGTERM', () => void hosted?.close().then(() => process.exit(0)));
} catch (error) {
  if (!(error instanceof Failure)) reportBug(error);
  const hint = error instanceof Failure && error.hint !== undefined ? ` ${error.hint}` : '';
  tell({ type: 'failed', message: `${error instanceof Error ? error.message : String(error)}${hint}` });
  process.exitCode = 1;
}
