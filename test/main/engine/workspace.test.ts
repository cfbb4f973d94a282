import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@main/engine/log';
import { createRedactor } from '@main/engine/redact';
import { openWorkspace, type Workspace } from '@main/engine/workspace';
import type { FlowDiff } from '@shared/flow/diff';
import { emptyFlow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const log = createLogger(createRedactor(), { level: 'silent' });
const root = tempFolder();
let dataFolder: string;
let workspace: Workspace;
let count = 0;

const start = (path?: string) =>
  openWorkspace({ dataFolder, log, firstFlow: () => emptyFlow('First'), ...(path ? { path } : {}) });
const rename = (after: string): FlowDiff => [{ part: 'property', id: 'name', after }];
/** A flow file on disk; gives its path. */
function flowFile(name: string, flowName: string): string {
  const path = join(dataFolder, name);
  writeFileSync(path, serialiseFlow(emptyFlow(flowName)));
  return path;
}

beforeEach(async () => {
  count += 1;
  dataFolder = join(root, `data-${count}`);
  mkdirSync(dataFolder);
  workspace = await start();
});
afterEach(() => workspace.close());

describe('editing', () => {
  it('takes an edit on the newest revision and counts up', async () => {
    const { revision } = workspace.state();
    expect(await workspace.edit(revision, rename('Orders'))).toEqual({ accepted: true, revision: revision + 1 });
    expect(workspace.state()).toMatchObject({ revision: revision + 1, dirty: true, flow: { name: 'Orders' } });
  });

  it('refuses an edit on an old revision and hands over the newer document', async () => {
    const { revision } = workspace.state();
    await workspace.edit(revision, rename('Mine'));
    const late = await workspace.edit(revision, rename('Theirs'));
    expect(late).toMatchObject({ accepted: false, state: { revision: revision + 1, flow: { name: 'Mine' } } });
    expect(workspace.flow().name).toBe('Mine');
  });

  it.each<[string, FlowDiff]>([
    ['a node without a type', [{ part: 'nodes', id: 'a', after: { name: 'x' } }]],
    ['a link without ends', [{ part: 'links', id: 'a', after: { type: 'binding' } }]],
    ['a position that is no number', [{ part: 'positions', id: 'a', after: { x: 'left', y: 0 } }]],
    ['all nodes at once', [{ part: 'property', id: 'nodes', after: {} }]],
    ['another format', [{ part: 'property', id: 'format', after: 2 }]],
    ['no name', [{ part: 'property', id: 'name' }]],
    ['an id that is a prototype', [{ part: 'nodes', id: '__proto__', after: { type: 'handler', name: 'x' } }]],
    ['a part that does not exist', [{ part: 'secrets', id: 'a', after: {} } as unknown as FlowDiff[number]]],
    ['a URL with a password', [{ part: 'property', id: 'description', after: 'amqp://me:hunter2@host' }]],
  ])('refuses %s and changes nothing', async (_what, diff) => {
    const before = workspace.state();
    await expect(workspace.edit(before.revision, diff)).rejects.toMatchObject({ name: 'Failure' });
    expect(workspace.state()).toEqual(before);
  });

  it('is clean again when the edit is undone', async () => {
    const { revision, flow } = workspace.state();
    await workspace.edit(revision, rename('Orders'));
    await workspace.edit(revision + 1, rename(flow.name));
    expect(workspace.state().dirty).toBe(false);
  });
});

describe('waiting for news', () => {
  it('answers at once when the caller is behind, and as soon as something changes when it is not', async () => {
    const state = workspace.state();
    expect(await workspace.next({ ...state, revision: 0 }, 1000)).toEqual(state);
    const waiting = workspace.next(state, 60_000);
    await workspace.edit(state.revision, rename('Orders'));
    expect(await waiting).toMatchObject({ flow: { name: 'Orders' }, dirty: true });
  });

  it('answers null when nothing happens or the caller goes away', async () => {
    expect(await workspace.next(workspace.state(), 10)).toBeNull();
    const gone = new AbortController();
    const waiting = workspace.next(workspace.state(), 60_000, gone.signal);
    gone.abort();
    expect(await waiting).toBeNull();
  });
});

describe('opening', () => {
  it('opens a file and remembers it among the recent ones', async () => {
    const path = flowFile('a.flow.json', 'A');
    expect(await workspace.open(path)).toMatchObject({ path, dirty: false, flow: { name: 'A' } });
    const second = flowFile('b.flow.json', 'B');
    await workspace.open(second);
    expect((await workspace.recent()).map(({ name }) => name)).toEqual(['b.flow.json', 'a.flow.json']);
  });

  it.each([
    ['{"format": 1,\n  "name": }', /^bad\.flow\.json, line 2, column \d+: /],
    ['{"format": 1}', /^bad\.flow\.json, line 1, column 1: /],
    ['{"format": 99, "name": "x"}', /99/],
    ['', /^bad\.flow\.json, line 1, column 1: /],
    ['[]', /object/],
  ])('refuses %j with its place and keeps what is open', async (text, sentence) => {
    const path = join(dataFolder, 'bad.flow.json');
    writeFileSync(path, text);
    const before = workspace.state();
    await expect(workspace.open(path)).rejects.toMatchObject({
      code: 'flow/unreadable',
      message: expect.stringMatching(sentence),
    });
    expect(workspace.state()).toEqual(before);
  });

  it('says what is wrong with a path, without the system’s words', async () => {
    await expect(workspace.open(join(dataFolder, 'none.json'))).rejects.toThrow(
      /^Cannot read .*none\.json: there is no such file\.$/,
    );
    await expect(workspace.open(dataFolder)).rejects.toThrow(/: it is a folder\.$/);
  });

  it('never gives another document the revision of the last one', async () => {
    const { revision } = workspace.state();
    expect((await workspace.create(emptyFlow('New'))).revision).toBeGreaterThan(revision);
  });
});

describe('saving', () => {
  it('writes a file that opens as the same flow, keeping one backup of what was there', async () => {
    const path = flowFile('a.flow.json', 'A');
    const original = readFileSync(path, 'utf8');
    const { revision } = await workspace.open(path);
    await workspace.edit(revision, rename('B'));
    expect(await workspace.save(undefined, false)).toMatchObject({ path, dirty: false });
    expect(JSON.parse(readFileSync(path, 'utf8')).name).toBe('B');
    expect(readFileSync(`${path}.bak`, 'utf8')).toBe(original);
  });

  it('asks where when the document has no file', async () => {
    await expect(workspace.save(undefined, false)).rejects.toMatchObject({ code: 'file/no-path' });
  });

  it('does not replace another file unless told to', async () => {
    const path = flowFile('other.flow.json', 'Other');
    await expect(workspace.save(path, false)).rejects.toMatchObject({ code: 'file/exists' });
    expect(JSON.parse(readFileSync(path, 'utf8')).name).toBe('Other');
    expect(await workspace.save(path, true)).toMatchObject({ path, dirty: false });
    expect(JSON.parse(readFileSync(path, 'utf8')).name).toBe('First');
  });

  it('notices that the file changed on disk and does not overwrite it unless told to', async () => {
    const path = flowFile('a.flow.json', 'A');
    const opened = await workspace.open(path);
    const waiting = workspace.next(opened, 20_000);
    writeFileSync(path, serialiseFlow(emptyFlow('Changed elsewhere')));
    expect(await waiting).toMatchObject({ changedOnDisk: true, flow: { name: 'A' } });
    await expect(workspace.save(undefined, false)).rejects.toMatchObject({ code: 'file/changed-on-disk' });
    expect(readFileSync(path, 'utf8')).toContain('Changed elsewhere');
    expect(await workspace.save(undefined, true)).toMatchObject({ changedOnDisk: false, dirty: false });
    expect(readFileSync(`${path}.bak`, 'utf8')).toContain('Changed elsewhere');
  });

  it('refuses a change that came too late to be watched', async () => {
    const path = flowFile('a.flow.json', 'A');
    await workspace.open(path);
    writeFileSync(path, serialiseFlow(emptyFlow('Just now')));
    await expect(workspace.save(undefined, false)).rejects.toMatchObject({ code: 'file/changed-on-disk' });
  });

  it('takes a file that was only touched for unchanged, and one that was removed for gone', async () => {
    const path = flowFile('a.flow.json', 'A');
    await workspace.open(path);
    writeFileSync(path, readFileSync(path));
    expect(await workspace.save(undefined, false)).toMatchObject({ changedOnDisk: false });
    rmSync(path);
    expect(await workspace.save(undefined, false)).toMatchObject({ changedOnDisk: false });
    expect(existsSync(path)).toBe(true);
  });

  it('writes through a symbolic link instead of replacing it', async () => {
    const path = flowFile('real.flow.json', 'A');
    const linked = join(dataFolder, 'linked.flow.json');
    symlinkSync(path, linked);
    const { revision } = await workspace.open(linked);
    await workspace.edit(revision, rename('B'));
    await workspace.save(undefined, false);
    expect(JSON.parse(readFileSync(path, 'utf8')).name).toBe('B');
  });

  it('leaves nothing half done where it may not write', async () => {
    const before = workspace.state();
    await expect(workspace.save(join(dataFolder, 'no', 'such', 'folder.json'), false)).rejects.toMatchObject({
      code: 'file/unwritable',
    });
    expect(workspace.state()).toEqual(before);
  });
});

/** Ends the workspace as a crash does: its recovery file stays and belongs to a process that is no more. */
async function crash(): Promise<void> {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await workspace.close();
  const folder = join(dataFolder, 'recovery');
  for (const name of readdirSync(folder)) {
    const record = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    writeFileSync(join(folder, name), JSON.stringify({ ...record, pid }));
  }
}

const recoveryFiles = () => (existsSync(join(dataFolder, 'recovery')) ? readdirSync(join(dataFolder, 'recovery')) : []);

describe('unsaved work', () => {
  it('is on disk as soon as the edit is accepted', async () => {
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    expect(recoveryFiles()).toHaveLength(1);
    expect(readFileSync(join(dataFolder, 'recovery', recoveryFiles()[0]!), 'utf8')).toContain('Unsaved');
  });

  it('comes back after a crash, and only once', async () => {
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    await crash();
    workspace = await start();
    expect(workspace.state()).toMatchObject({ recovered: true, dirty: true, path: null, flow: { name: 'Unsaved' } });
    const other = await start();
    expect(other.state()).toMatchObject({ recovered: false, flow: { name: 'First' } });
    await other.close();
  });

  it('comes back after a second crash that happens before anything was edited', async () => {
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    await crash();
    workspace = await start();
    await crash();
    workspace = await start();
    expect(workspace.state()).toMatchObject({ recovered: true, flow: { name: 'Unsaved' } });
  });

  it('of a file comes back with that file, and not with another', async () => {
    const path = flowFile('a.flow.json', 'A');
    const other = flowFile('b.flow.json', 'B');
    await workspace.open(path);
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    await crash();
    workspace = await start(other);
    expect(workspace.state()).toMatchObject({ recovered: false, path: other });
    await workspace.close();
    workspace = await start(path);
    expect(workspace.state()).toMatchObject({ recovered: true, dirty: true, changedOnDisk: false, path });
    expect((await workspace.save(undefined, false)).recovered).toBe(false);
  });

  it('does not silently win over a file that was changed since', async () => {
    const path = flowFile('a.flow.json', 'A');
    await workspace.open(path);
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    await crash();
    writeFileSync(path, serialiseFlow(emptyFlow('Changed elsewhere')));
    workspace = await start(path);
    expect(workspace.state()).toMatchObject({ recovered: true, changedOnDisk: true });
    await expect(workspace.save(undefined, false)).rejects.toMatchObject({ code: 'file/changed-on-disk' });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['saved', () => workspace.save(join(dataFolder, 'saved.flow.json'), false)],
    ['downloaded', () => workspace.markSaved(workspace.state().revision)],
    ['given up for another document', () => workspace.create(emptyFlow('Other'))],
    ['undone', () => workspace.edit(workspace.state().revision, rename('First'))],
  ])('is forgotten once it was %s', async (_what, settle) => {
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    await settle();
    expect(recoveryFiles()).toEqual([]);
  });

  it('of a process that still runs is left alone', async () => {
    await workspace.edit(workspace.state().revision, rename('Unsaved'));
    const other = await start();
    expect(other.state().recovered).toBe(false);
    await other.close();
  });
});
