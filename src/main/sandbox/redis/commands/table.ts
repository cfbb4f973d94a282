import type { CommandTable } from '../command';
import { connectionCommands } from './connection';
import { groupCommands } from './groups';
import { keyCommands } from './keys';
import { pendingCommands } from './pending';
import { pubSubCommands } from './pub-sub';
import { streamInfoCommands } from './stream-info';
import { streamCommands } from './streams';

/** Every command but those of transactions, which the server itself carries out. */
export const COMMANDS: CommandTable = {
  ...connectionCommands,
  ...keyCommands,
  ...pubSubCommands,
  ...streamCommands,
  ...groupCommands,
  ...pendingCommands,
  ...streamInfoCommands,
};
