import { attempt } from '@renderer/engine/failure';
import { tellOff } from '@renderer/tape/tape-actions';
import { isOffOnTape } from '@renderer/tape/tape-store';
import type { Command } from './commands/command';

/** Runs a command unless it is disabled now, and shows its failure. */
export function runCommand(command: Command): void {
  if (isOffOnTape(command.id)) return tellOff();
  if (command.isEnabled?.() === false) return;
  void attempt(command.label.replace(/…$/, ''), () => command.run());
}
