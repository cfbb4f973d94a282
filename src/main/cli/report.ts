import { Failure } from '@shared/failure';
import { CommanderError } from 'commander';
import type { Redactor } from '../engine/redact';
import type { Terminal } from './terminal';
import { plain } from './text';

/** Commander's own sentences begin in lower case and with `error:`. */
function usageSentence(message: string): string {
  const text = message.replace(/^error: /, '').replace(/\s+\(Did you mean (.+?)\?\)$/s, '. Did you mean $1?');
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.?!]$/.test(sentence) ? sentence : `${sentence}.`;
}

/**
 * Says on stderr why a command failed, in one sentence and without a stack trace, and with `--json` on stdout as
 * `{error: {code, message, hint?, object?}}` too. A bug is shown whole. Gives the exit code.
 */
export async function reportFailure(
  error: unknown,
  tools: { terminal: Terminal; redactor: Redactor; isJson: boolean; help: string },
): Promise<number> {
  const { terminal, redactor, isJson, help } = tools;
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const failure =
    error instanceof CommanderError
      ? new Failure('cli/usage', usageSentence(error.message), { hint: `See ${help}.` })
      : error;
  if (!(failure instanceof Failure)) {
    const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    terminal.err(`This is a bug in Tapline; please report it.\n${redactor.redact(text)}\n`);
    return 1;
  }
  const { code, message, hint, object } = failure;
  const shown = [message, hint].filter((part) => part !== undefined).map((part) => plain(redactor.redact(part)));
  terminal.err(`${shown.join('\n')}\n`);
  if (isJson) {
    const body = { code, message, ...(hint ? { hint } : {}), ...(object ? { object } : {}) };
    await terminal.out(`${redactor.redact(JSON.stringify({ error: body }))}\n`);
  }
  return 1;
}
