import { useHotkeys } from '@mantine/hooks';
import { useEffect } from 'react';
import { listenToClipboard } from './clipboard-events';
import { commands, findCommand } from './commands/commands';
import { runCommand } from './run-command';

const keyed = commands.flatMap((command) => (command.hotkey ? [{ ...command, hotkey: command.hotkey }] : []));
/** Second keys of commands that people know by two. */
const aliases: [string, string][] = [
  ['mod+shift+Z', 'redo'],
  ['Backspace', 'delete'],
  ['mod++', 'zoom-in'],
];

/** Keys of the whole window. Those that mean something in a text field are left to it. */
export function Hotkeys() {
  useHotkeys(
    keyed.filter(({ isGlobal }) => isGlobal).map((command) => [command.hotkey, () => runCommand(command)]),
    [],
  );
  useHotkeys([
    ...keyed
      .filter(({ isGlobal }) => !isGlobal)
      .map((command): [string, () => void] => [command.hotkey, () => runCommand(command)]),
    ...aliases.map(([hotkey, id]): [string, () => void] => [hotkey, () => runCommand(findCommand(id))]),
  ]);
  useEffect(listenToClipboard, []);
  return null;
}
