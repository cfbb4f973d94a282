import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';
import { tapline } from './tapline';

const folder = tempFolder();
let count = 0;

function file(text: string): string {
  count += 1;
  const path = join(folder, `flow-${count}.flow.json`);
  writeFileSync(path, text);
  return path;
}

const flow = (nodes: string, links = '') => `{
  "format": 1,
  "name": "Orders",
  "brokers": { "main": { "kind": "rabbitmq", "name": "Main" } },
  "nodes": {
${nodes}
  },
  "links": {
${links}
  }
}`;
const QUEUE = '    "email": { "type": "rabbitmq.queue", "name": "email", "broker": "main" }';
const HANDLER = '    "send": { "type": "handler", "name": "Send email" }';
const PUBLISHER = '    "shop": { "type": "publisher", "name": "Shop" }';
const WHOLE = flow(
  [QUEUE, HANDLER, PUBLISHER].join(',\n'),
  `    "a": { "type": "publish", "from": { "node": "shop" }, "to": { "node": "email" } },
    "b": { "type": "consume", "from": { "node": "email" }, "to": { "node": "send" } }`,
);

it('finds nothing in a flow that is right', async () => {
  expect(await tapline(['validate', file(WHOLE)])).toMatchObject({ exitCode: 0, stdout: 'No problems.\n', stderr: '' });
  expect((await tapline(['validate', file(WHOLE), '--json'])).lines()).toEqual([{ problems: [] }]);
});

it('puts every problem at its line, errors first, and fails for an error', async () => {
  const path = file(
    flow(
      [
        QUEUE,
        '    "bad": { "type": "rabbitmq.queue", "name": "bad", "broker": "main",\n      "settings": { "durable": "yes" } }',
      ].join(',\n'),
    ),
  );
  const { exitCode, stdout } = await tapline(['validate', path]);
  expect(stdout.split('\n')[0]).toContain(`${path}:8:32 error “durable” of bad is not valid`);
  expect(stdout).toMatch(/^1 error, \d+ hints?\.$/m);
  expect(exitCode).toBe(1);
});

it('passes a flow that has only warnings and hints', async () => {
  const path = file(flow(QUEUE));
  const { exitCode, lines } = await tapline(['validate', path, '--json']);
  const [{ problems } = { problems: [] }] = lines() as {
    problems: { severity: string; subject: unknown; line: number }[];
  }[];
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.every(({ severity }) => severity !== 'error')).toBe(true);
  expect(problems[0]).toMatchObject({ subject: { type: 'node', id: 'email' }, line: 6 });
  expect(exitCode).toBe(0);
});

it('tells every place of a text that is no flow', async () => {
  const broken = await tapline(['validate', file('{ "format": 1,\n  "name": }'), '--json']);
  expect(broken).toMatchObject({ exitCode: 1 });
  expect(broken.lines()).toEqual([
    { problems: [expect.objectContaining({ code: 'flow/unreadable', severity: 'error', line: 2, column: 11 })] },
  ]);
  const wrong = await tapline([
    'validate',
    file('{"format": 1, "name": 5,\n"nodes": {"q": {"type": "rabbitmq.queue"}}}'),
  ]);
  expect(wrong.stdout.split('\n').filter((line) => line.includes(' error '))).toHaveLength(2);
  expect(wrong.exitCode).toBe(1);
});

it('shows control characters in names instead of sending them to the terminal', async () => {
  const { stdout } = await tapline(['validate', file(flow(QUEUE.replace('"name": "email"', '"name": "\\u001b[2Jx"')))]);
  expect(stdout).toContain('\\u001b[2Jx');
  expect(stdout).not.toContain('\u001b');
});

it('a node named twice by one id is a problem with its place, not a lost node', async () => {
  const { exitCode, stdout } = await tapline(['validate', file(flow(`${QUEUE},\n${QUEUE}`))]);
  expect(stdout).toMatch(/:7:5 error “email” stands here a second time/);
  expect(exitCode).toBe(1);
});
