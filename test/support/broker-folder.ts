import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 2 ** 31;

function hasRoomInMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    return false;
  }
}

/**
 * A fresh folder for a broker's data; whoever asks removes it. In memory where there are 2 GiB for it: a killed process loses nothing of
 * it, and on a shared disk one fsync can take half a second. Below `TAPLINE_TEST_BROKERS` if that is set.
 */
export function brokerFolder(prefix: string): string {
  return mkdtempSync(join(process.env.TAPLINE_TEST_BROKERS ?? (hasRoomInMemory() ? MEMORY : tmpdir()), prefix));
}
