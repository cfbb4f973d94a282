import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Folder that all hosts share, so that the window and the command line see one ledger and one set of environments:
 * `TAPLINE_DATA`, else what the operating system provides for application data.
 */
export function defaultDataFolder(
  variables: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (variables.TAPLINE_DATA) return variables.TAPLINE_DATA;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Tapline');
  if (platform === 'win32') return join(variables.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Tapline');
  return join(variables.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'tapline');
}
