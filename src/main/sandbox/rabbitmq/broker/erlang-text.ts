/** RabbitMQ prints terms of its own language in its sentences; these print the few that occur as Erlang's `~p` does. */

/** Width at which `~p` breaks a tuple. */
const LINE_WIDTH = 80;

/** Bytes as `<<"text">>` where all are printable, else `<<1,2,3>>`. */
export function erlangBinary(bytes: Buffer): string {
  const isText = bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? `<<${erlangString(bytes.toString('latin1'))}>>` : `<<${[...bytes].join(',')}>>`;
}

export function erlangString(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}

/** A pair after `column` characters of sentence; broken like `~p` does when the line would be too long. */
export function erlangPair(name: string, value: string, column: number): string {
  const pair = `{${name},${value}}`;
  return column + pair.length > LINE_WIDTH ? `{${name},\n${' '.repeat(column + 1)}${value}}` : pair;
}
