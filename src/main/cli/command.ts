import type { Command } from 'commander';
import { createRedactor, type Redactor } from '../engine/redact';
import type { Terminal } from './terminal';
import type { Paint } from './text';

/** What every command works with. */
export interface CommandTools {
  terminal: Terminal;
  /** Masks the secrets that were given; what goes to stderr passes it. */
  redactor: Redactor;
  paint: Paint;
}

/** Adds one command to the program. Its action gives the exit code to `ends`. */
export type AddCommand = (program: Command, tools: CommandTools, ends: (exitCode: number) => void) => void;

const passwordsInUrls = createRedactor();

/** One JSON value, or one of a stream, on a line of stdout. Passwords in URLs are masked: what is found in a broker may hold some. */
export async function outJson({ terminal }: Pick<CommandTools, 'terminal'>, value: unknown): Promise<void> {
  await terminal.out(`${passwordsInUrls.redact(JSON.stringify(value))}\n`);
}
