import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const folder = tempFolder();
const program = resolve(import.meta.dirname, '../../../out/main/start.js');

/** A program that stands where Electron's binary would. */
function binary(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Runs `npm start`'s program until it ends or prints a URL; then it is stopped as by Ctrl+C. */
function run(variables: Record<string, string>, args: string[] = []) {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
  const env = { ...rest, TAPLINE_DATA: join(folder, 'data'), ...variables };
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (stdout.includes('token=')) child.kill('SIGINT');
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

const URL_LINE = /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/;

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('opens the window with the flow given, and ends with it', async () => {
    const args = join(folder, 'args');
    const window = binary('window', `echo "$@" > ${args}; exit 0`);
    expect(await run({ DISPLAY: ':0', ELECTRON_EXEC_PATH: window }, ['a.flow.json'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    const given = readFileSync(args, 'utf8');
    expect(given).toContain(`electron.js --flow=${resolve('a.flow.json')}`);
    expect(existsSync(given.split(' ')[0]!)).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('serves the app to the browser where there is no display', async () => {
    const { code, stdout, stderr } = await run({});
    expect(stdout).toMatch(URL_LINE);
    expect(stderr).toBe(
      'No window: there is no display. Tapline is in the browser instead, at this URL (Ctrl+C ends it):\n',
    );
    expect(code).toBe(0);
  });

  it('ends when the shell that npm ran it in was ended, which tells nobody', async () => {
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
    const env = { ...rest, TAPLINE_DATA: join(folder, 'left'), npm_lifecycle_event: 'start' };
    const script = `"${process.execPath}" "${program}"; exit`;
    const shell = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    // The pipe closes when the last process that holds it has ended.
    const closed = new Promise<void>((done) => shell.stdout.once('close', done));
    shell.stdout.once('data', () => shell.kill('SIGTERM'));
    await closed;
    expect(shell.signalCode).toBe('SIGTERM');
  });

  it('serves the app to the browser when the window cannot come up', async () => {
    const broken = binary('broken', 'exit 1');
    const { stdout, stderr } = await run({ DISPLAY: ':0', ELECTRON_EXEC_PATH: broken });
    expect(stdout).toMatch(URL_LINE);
    expect(stderr).toMatch(/^No window: Electron could not start\. /);
  });

  it('says in one sentence what is wrong with the flow file', async () => {
    const { code, stdout, stderr } = await run({}, [join(folder, 'none.flow.json')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n').at(-1)).toBe(
      `Cannot read ${join(folder, 'none.flow.json')}: there is no such file.`,
    );
  });
});
