import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSecrets } from '@main/electron/keychain';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { electron } from '../../support/electron-double';
import { tempFolder } from '../../support/temp-folder';

vi.mock('electron', () => import('../../support/electron-double'));

const dataFolder = tempFolder();
const warnings = vi.spyOn(console, 'error').mockImplementation(() => {});

afterEach(() => {
  electron.keychain.isAvailable = true;
  electron.keychain.backend = 'gnome_libsecret';
  warnings.mockClear();
});

describe('secrets', () => {
  it('are kept encrypted and outlive the process', async () => {
    const secrets = await openSecrets(dataFolder, 'linux');
    await Promise.all([secrets.set('a', 'hunter2'), secrets.set('b', 'other')]);
    const again = await openSecrets(dataFolder, 'linux');
    expect([again.kind, await again.get('a'), await again.get('b')]).toEqual(['keychain', 'hunter2', 'other']);
    expect(readFileSync(join(dataFolder, 'secrets.json'), 'utf8')).not.toMatch(/hunter2|other/);
    await again.delete('a');
    expect([await again.get('a'), await again.get('b')]).toEqual([undefined, 'other']);
    expect(warnings).not.toHaveBeenCalled();
  });

  it.each([
    ['Linux without a keyring', 'linux', { backend: 'basic_text' }],
    ['Linux with an unknown one', 'linux', { backend: 'unknown' }],
    ['a system that offers no encryption', 'darwin', { isAvailable: false }],
  ] as const)('on %s stay in memory, and that is said', async (_what, platform, keychain) => {
    Object.assign(electron.keychain, keychain);
    const folder = join(dataFolder, 'none');
    const secrets = await openSecrets(folder, platform);
    await secrets.set('a', 'hunter2');
    expect([secrets.kind, await secrets.get('a')]).toEqual(['memory', 'hunter2']);
    expect(() => readFileSync(join(folder, 'secrets.json'))).toThrow();
    expect(warnings).toHaveBeenCalledOnce();
  });

  it('on other systems do not depend on what Linux calls its keyring', async () => {
    electron.keychain.backend = 'basic_text';
    expect((await openSecrets(dataFolder, 'darwin')).kind).toBe('keychain');
  });
});
