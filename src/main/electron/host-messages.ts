import type { Dialogs, SecretStore } from '../engine/host';
import type { SpawnSandbox } from '../sandbox/start';

/** What the engine process may ask of the main process; `safeStorage`, dialogs and `utilityProcess` exist only there. */
export interface HostServices {
  getSecret: SecretStore['get'];
  setSecret: SecretStore['set'];
  deleteSecret: SecretStore['delete'];
  chooseFileToOpen: Dialogs['chooseFileToOpen'];
  chooseFileToSave: Dialogs['chooseFileToSave'];
  spawnSandbox: SpawnSandbox;
}

/** How the engine process is started; passed as JSON on its command line, so never a secret. */
export interface EngineStart {
  version: string;
  dataFolder: string;
  flowPath?: string;
  secretStore: SecretStore['kind'];
}

/** From the engine process to the main process. */
export type EngineMessage =
  | { type: 'ready' }
  | { type: 'failed'; message: string }
  | { type: 'closed' }
  | { type: 'ask'; id: number; service: keyof HostServices; args: unknown[] };

/** From the main process to the engine process. `connect` carries one MessagePort. */
export type MainMessage =
  | { type: 'connect' }
  | { type: 'close' }
  | { type: 'answer'; id: number; ok: true; value: unknown }
  | { type: 'answer'; id: number; ok: false; message: string };
