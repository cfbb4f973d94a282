import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TAPLINE_VERSION } from '@main/engine/version';
import { emptyFlow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';
import { tapline } from './tapline';

const folder = tempFolder();
const variables = { TAPLINE_DATA: join(folder, 'data') };
const flowFile = join(folder, 'empty.flow.json');
writeFileSync(flowFile, serialiseFlow(emptyFlow('Nothing')));

describe('the command line', () => {
  it.each([
    [['plann', 'x'], /^Unknown command 'plann'\. Did you mean plan\?$/m],
    [['plan'], /^Missing required argument 'FLOW'\.$/m],
    [['plan', flowFile, '--nope'], /^Unknown option '--nope'\.$/m],
    [['plan', flowFile, '--connect', 'amqp://localhost'], /is written ID=URL, such as main=amqp:/],
    [
      ['plan', flowFile, '--connect', 'main=http://localhost'],
      /begins with http:\/\/, but only amqp:\/\/ or amqps:\/\//,
    ],
    [['plan', flowFile, '--connect', 'main=amqp://localhost:99999'], /“99999” is not a port/],
    [['plan', flowFile, '--connect', 'other=amqp://localhost'], /names the broker “other”, which is not in the flow/],
    [['plan', flowFile, '--connect', 'main=amqp://a', '--connect', 'main=amqp://b'], /is given twice/],
    [
      ['plan', flowFile, '--connect', 'main=amqp://a', '--ca', '/no/such.pem'],
      /Cannot read \/no\/such\.pem: there is no such file/,
    ],
    [
      ['plan', flowFile, '--connect', 'main=amqp://a', '--client-cert', flowFile],
      /--client-cert and --client-key belong together/,
    ],
    [['deploy', flowFile, '--plan', flowFile], /empty\.flow\.json is not a plan of Tapline/],
    [
      ['export', flowFile, '--format', 'svg', '-o', '/no/such.svg'],
      /^Cannot write \/no\/such\.svg: there is no such folder\.$/m,
    ],
    [['plan', '/no/such.flow.json'], /^Cannot read \/no\/such\.flow\.json: there is no such file\.$/m],
    [['serve', flowFile, '--port', '123456'], /Give a whole number from 0 to 65535/],
  ])('answers %j with one sentence and exit code 1', async (args, sentence) => {
    const { exitCode, stdout, stderr } = await tapline(args, { variables });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it('answers with JSON too where JSON was asked for', async () => {
    const { exitCode, lines } = await tapline(['plan', '/no/such.flow.json', '--json'], { variables });
    expect(lines()).toEqual([
      {
        error: {
          code: 'file/unreadable',
          message: 'Cannot read /no/such.flow.json: there is no such file.',
          object: '/no/such.flow.json',
        },
      },
    ]);
    expect(exitCode).toBe(1);
  });

  it('never repeats a password that was given', async () => {
    const urls = ['main=amqp://me:hunter2@127.0.0.1:1/x', 'main:amqp://me:hunter2@127.0.0.1'];
    for (const url of urls) {
      const { stdout, stderr } = await tapline(['plan', flowFile, '--connect', url, '--json'], { variables });
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });

  it('shows help and version on stdout', async () => {
    expect(await tapline(['--version'])).toMatchObject({ exitCode: 0, stdout: `${TAPLINE_VERSION}\n`, stderr: '' });
    const help = await tapline(['deploy', '--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toMatch(/--allow-data-loss/);
  });

  it('does its work as a program too', () => {
    const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...variables } });
    expect(run('validate', flowFile)).toMatchObject({ status: 0, stderr: '' });
    expect(run('validate', '/no/such.flow.json')).toMatchObject({ status: 1, stdout: '' });
    expect(run()).toMatchObject({ status: 1, stdout: '' });
  });
});
