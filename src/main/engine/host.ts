import type { SpawnSandbox } from '../sandbox/start';

/** Where passwords go. Ids are the engine's own (`environment/ID/BROKER`). */
export interface SecretStore {
  /** `memory`: forgotten at exit; the connection dialog says so. */
  readonly kind: 'keychain' | 'memory';
  get: (id: string) => Promise<string | undefined>;
  set: (id: string, secret: string) => Promise<void>;
  delete: (id: string) => Promise<void>;
}

/** Native file dialogs; each resolves to a path on the engine's machine, or null when cancelled. */
export interface Dialogs {
  chooseFileToOpen: (purpose: 'flow' | 'import' | 'ca' | 'tape') => Promise<string | null>;
  chooseFileToSave: (suggestedName: string) => Promise<string | null>;
}

/** What the engine needs of its host (Electron window, browser, command line). The engine knows no host itself. */
export interface HostPort {
  /** Version of Tapline, e.g. `0.1.0`. */
  version: string;
  /** Folder for environments, recent files, recovery, ledgers and the audit log; made when missing. */
  dataFolder: string;
  secrets: SecretStore;
  /** Absent where the host has none; the view then uploads and downloads. */
  dialogs?: Dialogs;
  /** Starts sandboxes in processes of their own, which outlive a killed engine. Without it the host offers no sandbox. */
  spawnSandbox?: SpawnSandbox;
  /** Environment variables: `TAPLINE_CONNECT_<ID>`, `TAPLINE_MANAGEMENT_<ID>`, `TAPLINE_SECRET_<ID>`. */
  variables: Readonly<Record<string, string | undefined>>;
}

/** A secret store that forgets everything at exit: for the browser host, the command line and Linux without a keyring. */
export function memorySecrets(): SecretStore {
  const secrets = new Map<string, string>();
  return {
    kind: 'memory',
    get: async (id) => secrets.get(id),
    set: async (id, secret) => void secrets.set(id, secret),
    delete: async (id) => void secrets.delete(id),
  };
}
