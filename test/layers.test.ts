import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** Every import of a source file: `{ file: 'main/cli/index.ts', target: 'main/engine/engine' | 'electron' }`. */
interface Import {
  file: string;
  target: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const IMPORT = /(?:from\s+|import\s*\(\s*|^import\s+)['"]([^'"]+)['"]/gm;

function importsOf(path: string, text: string): Import[] {
  const file = relative(src, path).split(sep).join('/');
  return [...text.matchAll(IMPORT)].map(([, name = '']) => {
    if (name.startsWith('.'))
      return {
        file,
        target: relative(src, resolve(dirname(path), name))
          .split(sep)
          .join('/'),
      };
    const alias = name.match(/^@(shared|main|renderer)\/(.*)$/);
    return { file, target: alias ? `${alias[1]}/${alias[2]}` : name };
  });
}

const isOurs = (target: string) => /^(shared|main|renderer)(\/|$)/.test(target);
const NODE = /^(node:|electron$|amqplib|ws$|pino|write-file-atomic|commander|@orpc\/server|ioredis)/;
const VIEW = /^(react|reactflow|@mantine|@tabler|zustand|@tanstack|@uiw|@codemirror)/;
const HOSTS = ['electron', 'serve', 'cli'];
/** What every kind implements and may use: the files beside the kinds' folders. */
const PORTS = new Set(
  readdirSync(join(src, 'main/kinds'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name.replace(/\.ts$/, '')),
);
/** Broker technologies: a folder each. */
const KINDS = new Set(
  readdirSync(join(src, 'main/kinds'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
);

/** The sentence of the broken rule, or null. */
function breach({ file, target }: Import): string | null {
  const [layer, part, kind] = file.split('/');
  const [targetLayer, targetPart, targetKind] = target.split('/');
  if (layer === 'shared') {
    if (isOurs(target) && targetLayer !== 'shared') return 'shared imports only shared';
    if (NODE.test(target) || VIEW.test(target)) return 'shared is pure: no Node, Electron or React';
  }
  if (layer === 'renderer') {
    if (targetLayer === 'main') return 'the renderer imports shared only';
    if (targetLayer === 'shared' && targetPart === 'kinds' && KINDS.has(targetKind ?? ''))
      return 'the renderer knows brokers by their descriptors only';
    if (NODE.test(target)) return 'the renderer has no Node';
  }
  if (layer === 'main') {
    if (targetLayer === 'renderer') return 'main never imports the renderer';
    if (VIEW.test(target)) return 'main has no React';
    if (target === 'electron' && part !== 'electron') return 'only main/electron imports electron';
    if (part === 'kinds' && isOurs(target) && targetLayer === 'main') {
      if (targetPart === 'amqp') return null;
      if (targetPart !== 'kinds') return 'a kind imports no service and no host';
      if (
        kind?.includes('.') === false &&
        targetKind?.includes('.') !== true &&
        targetKind !== kind &&
        !(targetKind && PORTS.has(targetKind))
      )
        return 'a kind never imports another kind';
    }
    if (
      part &&
      HOSTS.includes(part) &&
      targetLayer === 'main' &&
      targetPart &&
      HOSTS.includes(targetPart) &&
      targetPart !== part
    ) {
      const cliServes = part === 'cli' && targetPart === 'serve';
      const electronStarts = part === 'cli' && file.endsWith('start.ts');
      if (!cliServes && !electronStarts) return 'electron, serve and cli import nothing of each other';
    }
    if (part === 'amqp' && isOurs(target) && targetPart !== 'amqp') return 'the layout of AMQP imports nothing of ours';
    if (part === 'engine' && targetLayer === 'main' && targetPart && HOSTS.includes(targetPart))
      return 'the engine knows no host';
  }
  return null;
}

describe('the layers', () => {
  it('import downwards only', () => {
    const breaches = sourceFiles(src)
      .flatMap((path) => importsOf(path, readFileSync(path, 'utf8')))
      .flatMap((found) => {
        const rule = breach(found);
        return rule ? [`${found.file} → ${found.target}: ${rule}`] : [];
      });
    expect(breaches).toEqual([]);
  });

  it.each([
    ['shared/flow/a.ts', "import fs from 'node:fs';"],
    ['shared/flow/a.ts', "import { engine } from '../../main/engine/engine';"],
    ['renderer/canvas/a.tsx', "import { engine } from '@main/engine/engine';"],
    ['renderer/canvas/a.tsx', "import { globMatches } from '@shared/kinds/redis/glob';"],
    ['main/engine/a.ts', "import { app } from 'electron';"],
    ['main/engine/a.ts', "import { serve } from '@main/serve/index';"],
    ['main/kinds/rabbitmq/a.ts', "import { redis } from '../redis/index';"],
    ['main/kinds/rabbitmq/a.ts', "import { deploy } from '../../engine/deployer';"],
    ['main/serve/a.ts', "import { app } from '../electron/index';"],
    ['main/amqp/a.ts', "import { connect } from '../kinds/rabbitmq/connect';"],
    ['main/engine/a.ts', "const react = await import('react');"],
  ])('a breach in %s is found: %s', (file, text) => {
    const [found] = importsOf(join(src, file), text);
    expect(found && breach(found)).toBeTypeOf('string');
  });

  it.each([
    ['renderer/canvas/a.tsx', "import { Flow } from '@shared/flow/schema';"],
    ['main/kinds/rabbitmq/live/a.ts', "import { connect } from '../connect';"],
    ['main/kinds/rabbitmq/a.ts', "import type { KindDriver } from '../driver';"],
    ['main/kinds/rabbitmq/a.ts', "import { valueLength } from '../../amqp/raw-table';"],
    ['main/kinds/rabbitmq/live/a.ts', "import type { TrafficSink } from '../../live';"],
    ['main/cli/a.ts', "import { engine } from '../engine/engine';"],
    ['main/cli/a.ts', "import { serve } from '../serve/index';"],
  ])('a downward import in %s is allowed: %s', (file, text) => {
    const [found] = importsOf(join(src, file), text);
    expect(found && breach(found)).toBeNull();
  });
});
