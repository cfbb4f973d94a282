import pino, { type DestinationStream, type Logger } from 'pino';
import type { Redactor } from './redact';

export type { Logger } from 'pino';

/**
 * The engine's log: one JSON object per line on stderr (stdout belongs to the command line's results). Every line passes
 * the redactor as text, so that no field can carry a secret out. Level by `TAPLINE_LOG`, default `warn`.
 */
export function createLogger(
  redactor: Redactor,
  options: { level?: string; write?: (line: string) => void } = {},
): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const destination: DestinationStream = { write: (line) => write(redactor.redact(line)) };
  return pino({ level: options.level ?? process.env.TAPLINE_LOG ?? 'warn', base: null }, destination);
}
