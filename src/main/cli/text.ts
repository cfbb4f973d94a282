import type { Terminal } from './terminal';

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, dim: 2, bold: 1 } as const;
export type Colour = keyof typeof CODES;

/** Paints text where stdout is a terminal; elsewhere it stays plain. */
export type Paint = (colour: Colour, text: string) => string;

export function painter({ hasColour }: Pick<Terminal, 'hasColour'>): Paint {
  return (colour, text) => (hasColour && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}

/** Names and messages come from anywhere: control characters are shown, never sent to the terminal. */
export function plain(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** `1 message`, `2 messages`. */
export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A cell that is painted after its width was measured. */
export interface Cell {
  text: string;
  colour?: Colour;
}

/** Rows with aligned columns; the last column is not padded. */
export function table(rows: readonly (readonly (string | Cell)[])[], paint: Paint, indent = '  '): string {
  const widths: number[] = [];
  const cellsOf = (row: readonly (string | Cell)[]) =>
    row.map((cell) => (typeof cell === 'string' ? { text: plain(cell) } : { ...cell, text: plain(cell.text) }));
  const lines = rows.map(cellsOf);
  for (const line of lines)
    for (const [column, { text }] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => {
        const isLast = column === line.length - 1;
        const padding = isLast ? '' : ' '.repeat((widths[column] ?? 0) - cell.text.length + 2);
        return `${'colour' in cell && cell.colour ? paint(cell.colour, cell.text) : cell.text}${padding}`;
      });
      return `${indent}${cells.join('')}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}
