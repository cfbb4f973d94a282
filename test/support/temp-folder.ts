import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder of the test file's own, removed after it; processes of a test that failed may write into it a little longer. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tapline-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}
