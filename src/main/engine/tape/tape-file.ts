import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Failure } from '@shared/failure';
import { createTapeReader, type TapeEnding, type TapeHeader } from '@shared/tape/read';
import type { TapeLine } from '@shared/tape/tape';
import { errorCode, fileFailure } from '../files';

/** A line is a message at most; longer ones are no tape. */
const MAX_LINE_CHARACTERS = 64 * 1024 * 1024;

/** Makes the file of a new tape; one that is there is never written over. @throws Failure `file/not-replaced`, `file/unwritable` */
export async function createTapeFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw fileFailure('write', path, error);
    throw new Failure('file/not-replaced', `${basename(path)} is there already; it was left as it is.`, {
      hint: 'Give another name, or move it out of the way first.',
      object: path,
    });
  }
}

/**
 * Reads a tape of any size, a line at a time. `onHeader` comes first; a promise from `onLine` is waited for.
 * @throws Failure `file/unreadable`, or `tape/unreadable` naming the line
 */
export async function readTapeFile(
  path: string,
  {
    onHeader,
    onLine,
    isOver = () => false,
  }: {
    onHeader: (header: TapeHeader) => void;
    onLine: (line: TapeLine) => unknown;
    /** True ends reading before the end. */
    isOver?: () => boolean;
  },
): Promise<TapeEnding> {
  const reader = createTapeReader(basename(path));
  let isBegun = false;
  const take = async (text: string) => {
    const line = reader.line(text);
    if (!isBegun) {
      isBegun = true;
      onHeader(reader.header());
    }
    if (line) await onLine(line);
  };
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new Failure('tape/unreadable', `${basename(path)} is no tape: it has a line without end.`, {
          object: path,
        });
      for (const line of lines) {
        if (isOver()) return { isTorn: false };
        await take(line);
      }
    }
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure('read', path, error);
  }
  const { last, ...ending } = reader.finish(rest);
  if (!isBegun) onHeader(reader.header());
  if (last) await onLine(last);
  return ending;
}
