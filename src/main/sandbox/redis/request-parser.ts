/** What a connection may send at once; smaller until it has logged in, as in Redis. */
export interface RequestLimits {
  maxArguments: number;
  maxArgumentBytes: number;
}

export const LOGGED_IN_LIMITS: RequestLimits = { maxArguments: 1024 * 1024, maxArgumentBytes: 16 * 1024 * 1024 };
export const STRANGER_LIMITS: RequestLimits = { maxArguments: 10, maxArgumentBytes: 16_384 };
/** A line (inline command or length) that has no end by then is refused. */
const MAX_LINE_BYTES = 64 * 1024;

/** Cuts a stream of latin1 text into commands. Throws the text of the protocol error; the connection is then useless. */
export class RequestParser {
  private buffer = '';
  /** Buffer length before which parsing again is pointless. */
  private needed = 0;

  constructor(private readonly limits: () => RequestLimits) {}

  /** Adds what arrived and answers the commands that are whole. @throws Error `Protocol error: …` */
  push(chunk: string): string[][] {
    this.buffer += chunk;
    const commands: string[][] = [];
    if (this.buffer.length < this.needed) return commands;
    this.needed = 0;
    let at = 0;
    for (;;) {
      const next = this.readCommand(at);
      if (!next) break;
      at = next.end;
      if (next.args.length > 0) commands.push(next.args);
    }
    if (at > 0) {
      this.buffer = this.buffer.slice(at);
      this.needed = Math.max(0, this.needed - at);
    }
    return commands;
  }

  private readCommand(start: number): { args: string[]; end: number } | undefined {
    const line = this.readLine(start, 'too big inline request');
    if (!line) return undefined;
    if (this.buffer[start] !== '*') return { args: splitInline(line.text), end: line.end };
    const { maxArguments, maxArgumentBytes } = this.limits();
    const count = readLength(line.text.slice(1));
    if (count === undefined || count > 1024 * 1024) throw new Error('Protocol error: invalid multibulk length');
    if (count > maxArguments) throw new Error('Protocol error: unauthenticated multibulk length');
    const args: string[] = [];
    let at = line.end;
    for (let index = 0; index < count; index += 1) {
      const head = this.readLine(at, 'too big bulk count string');
      if (!head) return undefined;
      if (head.text[0] !== '$') throw new Error(`Protocol error: expected '$', got '${head.text[0] ?? ' '}'`);
      const length = readLength(head.text.slice(1));
      if (length === undefined || length < 0) throw new Error('Protocol error: invalid bulk length');
      if (length > maxArgumentBytes) {
        throw new Error(`Protocol error: ${maxArgumentBytes < 20_000 ? 'unauthenticated' : 'invalid'} bulk length`);
      }
      const end = head.end + length;
      if (this.buffer.length < end + 2) {
        this.needed = end + 2;
        return undefined;
      }
      args.push(this.buffer.slice(head.end, end));
      at = end + 2;
    }
    return { args, end: at };
  }

  private readLine(start: number, tooBig: string): { text: string; end: number } | undefined {
    const newline = this.buffer.indexOf('\n', start);
    if (newline < 0) {
      if (this.buffer.length - start > MAX_LINE_BYTES) throw new Error(`Protocol error: ${tooBig}`);
      return undefined;
    }
    const end = this.buffer[newline - 1] === '\r' ? newline - 1 : newline;
    return { text: this.buffer.slice(start, Math.max(end, start)), end: newline + 1 };
  }
}

function readLength(text: string): number | undefined {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Words of a command that was typed by hand (`PING`, `SET a "b c"`). */
function splitInline(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) =>
    double === undefined ? (single ?? bare ?? '') : double.replace(/\\(.)/g, '$1'),
  );
}
