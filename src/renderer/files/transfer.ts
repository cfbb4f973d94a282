import { Failure } from '@shared/failure';

/** A text file the user chose or dropped. */
export interface TextFile {
  name: string;
  text: string;
}

/** Lets the user choose a file of this machine; undefined when none was chosen. `accept` is that of a file input. */
export function uploadText(accept: string): Promise<TextFile | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      resolve(file ? readTextFile(file) : undefined);
    });
    input.addEventListener('cancel', () => resolve(undefined));
    input.click();
  });
}

/** What goes to the engine in one message, which takes 32 MiB: the text as JSON, with room for what is around it. */
const MAX_MIB = 31;
const BYTES_PER_MIB = 1024 * 1024;

/** Reads a file the user gave. @throws Failure when it is too large to be handed to the engine. */
export async function readTextFile(file: File): Promise<TextFile> {
  const text = file.size > MAX_MIB * BYTES_PER_MIB ? undefined : await file.text();
  if (text === undefined || new TextEncoder().encode(JSON.stringify(text)).length > MAX_MIB * BYTES_PER_MIB) {
    const size = Math.ceil(file.size / BYTES_PER_MIB);
    throw new Failure(
      'file/too-large',
      `${file.name} is too large: it has ${size} MiB; ${MAX_MIB} MiB can be read here.`,
      {
        object: file.name,
      },
    );
  }
  return { name: file.name, text };
}

/** Hands a text to the browser as a download. */
export function downloadText(name: string, mimeType: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: mimeType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by the next turn; the text need not be kept for longer.
  setTimeout(() => URL.revokeObjectURL(url));
}
