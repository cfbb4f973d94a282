import { BROKER_COMMANDS } from './broker-commands';
import type { Command } from './command';
import { EDIT_COMMANDS } from './edit-commands';
import { FILE_COMMANDS } from './file-commands';
import { VIEW_COMMANDS } from './view-commands';

/** Every command, in the order of menus and of the command palette. */
export const commands: readonly Command[] = [...FILE_COMMANDS, ...EDIT_COMMANDS, ...VIEW_COMMANDS, ...BROKER_COMMANDS];

const byId = new Map(commands.map((command) => [command.id, command]));

/** A command by its id. @throws if there is none: ids are written in the source. */
export function findCommand(id: string): Command {
  const command = byId.get(id);
  if (command === undefined) throw new Error(`no command ${id}`);
  return command;
}
