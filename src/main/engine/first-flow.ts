import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { exampleFlow } from '@shared/examples/index';
import type { Flow } from '@shared/flow/schema';
import { z } from 'zod';
import { readOwnJson, writeOwnJson } from './files';

const schema = z.object({ id: z.string().nullable() });

/** What the app opens at its first start: the example. */
export interface FirstFlow {
  flow: Flow;
  /** It was saved and is a document of its own now: the next start begins with another one. */
  onSaved: (saved: Flow) => Promise<void>;
}

/**
 * The example, with the same id at every start until it is saved somewhere: what the sandbox holds for it is there again. The
 * id differs from machine to machine, since ledgers tell flows apart by it.
 */
export async function openFirstFlow(dataFolder: string): Promise<FirstFlow> {
  const file = join(dataFolder, 'first-flow.json');
  const kept = (await readOwnJson(file, schema, { id: null })).id;
  const id = kept ?? randomUUID();
  if (kept === null) await writeOwnJson(file, { id });
  return {
    flow: { ...exampleFlow(), id },
    async onSaved(saved) {
      if (saved.id === id) await writeOwnJson(file, { id: null });
    },
  };
}
