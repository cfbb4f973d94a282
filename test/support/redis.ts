import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { brokerFolder } from './broker-folder';
import { freePort } from './ports';

/** A redis-server that is ours alone; or the one `TAPLINE_TEST_REDIS_URL` names, and none where that is `none`. */
export interface TestRedis {
  url: string;
  /** SIGKILL, as a crash. Absent for one that is not ours. */
  kill?: () => Promise<void>;
  /** Starts again on the same port and data after `kill`. */
  restart?: () => Promise<void>;
  stop: () => Promise<void>;
}

const onPath = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'redis-server')));

const given = process.env.TAPLINE_TEST_REDIS_URL;

/** False where no Redis is there: `describe.skipIf(!hasRedis)`. */
export const hasRedis = given !== 'none' && (Boolean(given) || onPath);

/** Said where tests are skipped for want of it. */
export const NO_REDIS =
  given === 'none'
    ? 'TAPLINE_TEST_REDIS_URL is none'
    : 'no redis-server on this machine and TAPLINE_TEST_REDIS_URL is not set';

/** Starts a private server, 20 ms; `durable` keeps an append-only file that survives a kill. */
export async function startRedis(options: { durable?: boolean } = {}): Promise<TestRedis> {
  if (given && !options.durable) return { url: given, stop: async () => {} };
  const folder = brokerFolder('tapline-redis-');
  const port = await freePort();
  const durability = options.durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  let server: ChildProcess | undefined;
  const killNow = () => server?.kill('SIGKILL');
  process.on('exit', killNow);

  async function boot(): Promise<void> {
    const child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...durability],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    server = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stdout?.on('data', (chunk) => {
        log += String(chunk);
        if (log.includes('Ready to accept connections')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${log.slice(-2000)}`)));
    });
  }
  async function kill(): Promise<void> {
    const child = server;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  }

  await boot();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    restart: boot,
    stop: async () => {
      await kill();
      process.off('exit', killNow);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
