import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlow } from '@shared/flow/parse';
import { serialiseFlow } from '@shared/flow/serialise';
import { describe, expect, it } from 'vitest';
import { drawn } from '../../shared/picture/drawn';
import { parseXml } from '../../shared/picture/xml';
import { tempFolder } from '../../support/temp-folder';
import { tapline } from './tapline';

const folder = tempFolder();
const flowFile = join(folder, 'orders.flow.json');
writeFileSync(flowFile, serialiseFlow(drawn()));
const run = (...args: string[]) => tapline(['export', flowFile, ...args]);

describe('tapline export', () => {
  it('writes each format to stdout', async () => {
    expect(parseXml((await run('--format', 'svg')).stdout).name).toBe('svg');
    expect((await run('--format', 'mermaid')).stdout).toMatch(/^flowchart LR\n/);
    expect(parseFlow((await run('--format', 'flow')).stdout)).toMatchObject({ ok: true });
    const { stdout, exitCode } = await run('--format', 'rabbitmq');
    expect(JSON.parse(stdout)).toMatchObject({ queues: [{ name: 'orders', vhost: '/' }] });
    expect(exitCode).toBe(0);
  });

  it('writes one virtual host in the form for one', async () => {
    const file = JSON.parse((await run('--format', 'rabbitmq', '--vhost', 'shop')).stdout);
    expect(file).toMatchObject({ original_vhost_name: 'shop', queues: [{ name: 'orders' }] });
    expect(file.queues[0]).not.toHaveProperty('vhost');
  });

  it('writes a file, and again over what it wrote', async () => {
    for (const [format, name] of [
      ['svg', 'a.svg'],
      ['mermaid', 'a.mmd'],
      ['rabbitmq', 'a.json'],
      ['flow', 'a.flow.json'],
    ]) {
      const out = join(folder, name!);
      for (let n = 0; n < 2; n++) {
        expect(await run('--format', format!, '-o', out)).toMatchObject({ exitCode: 0, stdout: '' });
        expect(existsSync(out)).toBe(true);
      }
    }
  });

  it('never writes over another kind of file', async () => {
    const before = readFileSync(flowFile, 'utf8');
    const { exitCode, stderr } = await run('--format', 'svg', '-o', flowFile);
    expect(stderr).toMatch(/^orders\.flow\.json exists and is not an SVG picture; it was left as it is\.$/m);
    expect([exitCode, readFileSync(flowFile, 'utf8')]).toEqual([1, before]);
  });

  it('says which formats there are, and which brokers', async () => {
    expect((await run('--format', 'png')).stderr).toMatch(/Allowed choices are flow, rabbitmq, svg, mermaid/);
    expect((await run()).stderr).toMatch(/--format/);
    const { stderr, exitCode } = await run('--format', 'rabbitmq', '--broker', 'other');
    expect(stderr).toMatch(/has no RabbitMQ broker “other”\.\nIt has main\./);
    expect(exitCode).toBe(1);
  });
});
