import { join } from 'node:path';
import { safeStorage } from 'electron';
import { z } from 'zod';
import { readOwnJson, writeOwnJson } from '../engine/files';
import { memorySecrets, type SecretStore } from '../engine/host';
import { createTurns } from '../engine/in-turn';

const fileSchema = z.record(z.string(), z.string());

/**
 * Secrets encrypted with a key of the operating system's keychain, in `secrets.json` of the data folder. Where there is no
 * keychain (Linux without a keyring would keep the key in plain sight), secrets stay in memory and are forgotten at exit.
 */
export async function openSecrets(
  dataFolder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<SecretStore> {
  const isPlain = platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend());
  if (isPlain || !(await safeStorage.isAsyncEncryptionAvailable())) {
    console.error(
      'Warning: there is no keyring here; Tapline keeps passwords in memory only and forgets them at exit.',
    );
    return memorySecrets();
  }
  const file = join(dataFolder, 'secrets.json');
  const read = () => readOwnJson<Record<string, string>>(file, fileSchema, {});
  const inTurn = createTurns();
  return {
    kind: 'keychain',
    get: (id) =>
      inTurn(async () => {
        const encrypted = (await read())[id];
        if (encrypted === undefined) return undefined;
        return (await safeStorage.decryptStringAsync(Buffer.from(encrypted, 'base64'))).result;
      }),
    set: (id, secret) =>
      inTurn(async () => {
        const encrypted = (await safeStorage.encryptStringAsync(secret)).toString('base64');
        await writeOwnJson(file, { ...(await read()), [id]: encrypted });
      }),
    delete: (id) =>
      inTurn(async () => {
        const { [id]: gone, ...left } = await read();
        if (gone !== undefined) await writeOwnJson(file, left);
      }),
  };
}
