import { runCommandLine } from '@main/cli/command-line';
import type { Terminal } from '@main/cli/terminal';

export interface CliRun {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** What was asked on the terminal. */
  asked: string[];
  /** Lines of stdout as JSON. */
  lines: () => Record<string, unknown>[];
}

export interface CliOptions {
  variables?: Record<string, string>;
  /** Somebody sits there and types this; without it nobody is there. */
  answer?: string;
  /** Ctrl+C. */
  interrupted?: AbortSignal;
  /** Sees stdout as it comes. */
  onOut?: (text: string) => void;
}

/** Runs a command of `tapline` in this process. */
export async function tapline(args: string[], options: CliOptions = {}): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const asked: string[] = [];
  const terminal: Terminal = {
    out: async (text) => {
      out.push(text);
      options.onOut?.(text);
    },
    err: (text) => void err.push(text),
    hasColour: false,
    canAsk: options.answer !== undefined,
    ask: async (question) => {
      asked.push(question);
      return options.answer ?? '';
    },
    variables: options.variables ?? {},
    interrupted: options.interrupted ?? new AbortController().signal,
  };
  const exitCode = await runCommandLine(args, terminal);
  const stdout = out.join('');
  const lines = () =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, stdout, stderr: err.join(''), asked, lines };
}
