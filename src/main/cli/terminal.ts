import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { whenNpmEnds } from './npm-script';

/** What commands need of the process they run in; tests hand in their own. */
export interface Terminal {
  /** Writes to stdout; resolves when there is room for more, so that a slow reader slows the command and nothing piles up. */
  out: (text: string) => Promise<void>;
  /** Writes to stderr, which takes everything that is not the result. */
  err: (text: string) => void;
  /** Colours for stdout: only on a terminal, and never with `NO_COLOR`. */
  hasColour: boolean;
  /** Is somebody there to answer? */
  canAsk: boolean;
  /** Asks on stderr and gives what was typed; `''` when interrupted. */
  ask: (question: string) => Promise<string>;
  variables: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first Ctrl+C, by SIGTERM, when npm ran it and has ended, and when nobody reads stdout any more. */
  interrupted: AbortSignal;
}

/** The terminal of this process. A second Ctrl+C ends it at once. */
export function processTerminal(): Terminal & { flush: () => Promise<void> } {
  const interrupt = new AbortController();
  let isClosed = false;
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  whenNpmEnds(stop);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `tapline watch | head`: the reader has gone, and so does the command, in good order.
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
    interrupt.abort();
  });
  return {
    async out(text) {
      if (isClosed || process.stdout.write(text)) return;
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]).catch(() => {});
    },
    err: (text) => void process.stderr.write(text),
    hasColour: process.stdout.isTTY === true && !process.env.NO_COLOR,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      lines.on('SIGINT', stop);
      try {
        return await lines.question(question, { signal: interrupt.signal });
      } catch {
        return '';
      } finally {
        lines.close();
      }
    },
    variables: process.env,
    interrupted: interrupt.signal,
    async flush() {
      for (const stream of isClosed ? [process.stderr] : [process.stdout, process.stderr])
        await new Promise<void>((resolve) => stream.write('', () => resolve()));
    },
  };
}
