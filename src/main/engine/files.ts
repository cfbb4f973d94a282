import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '@shared/failure';
import writeFileAtomic from 'write-file-atomic';
import type { z } from 'zod';

/** What a file was when it was read or written, to notice that somebody else changed it. */
export interface FileStamp {
  mtimeMs: number;
  size: number;
  hash: string;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not read or write it',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a part of its path is not a folder',
};

/** The system's error code of a failed file operation, or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Turns a system error into a Failure `file/unreadable` or `file/unwritable` with one sentence. */
export function fileFailure(action: 'read' | 'write', path: string, error: unknown): Failure {
  const code = errorCode(error);
  const isFolderMissing = action === 'write' && code === 'ENOENT';
  const reason = isFolderMissing
    ? 'there is no such folder'
    : ((code && REASONS[code]) ?? code ?? 'the reason is unknown');
  return new Failure(
    action === 'read' ? 'file/unreadable' : 'file/unwritable',
    `Cannot ${action} ${path}: ${reason}.`,
    {
      object: path,
      cause: error,
    },
  );
}

/** Reads a text file. @throws Failure `file/unreadable` */
export async function readTextFile(path: string): Promise<{ text: string; stamp: FileStamp }> {
  try {
    const text = await readFile(path, 'utf8');
    const { mtimeMs, size } = await stat(path);
    return { text, stamp: { mtimeMs, size, hash: hashOf(text) } };
  } catch (error) {
    throw fileFailure('read', path, error);
  }
}

/** True if the file is no longer what the stamp says; a file that was only touched has not changed. A file that is gone has. */
export async function hasChangedSince(path: string, stamp: FileStamp): Promise<boolean> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (mtimeMs === stamp.mtimeMs && size === stamp.size) return false;
    return hashOf(await readFile(path, 'utf8')) !== stamp.hash;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw fileFailure('read', path, error);
  }
}

/**
 * Writes whole or not at all (temporary file, fsync, rename). What stood there before is kept as `path.bak`.
 * @throws Failure `file/unwritable`
 */
export async function writeTextFile(path: string, text: string, options: { backup: boolean }): Promise<FileStamp> {
  try {
    if (options.backup) {
      const before = await readFile(path, 'utf8').catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return null;
        throw error;
      });
      if (before !== null && before !== text) await writeFileAtomic(`${path}.bak`, before);
    }
    await writeFileAtomic(path, text);
    const { mtimeMs, size } = await stat(path);
    return { mtimeMs, size, hash: hashOf(text) };
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}

/** Reads one of Tapline's own JSON files; absent gives `fallback`. One that cannot be used is set aside as `.unreadable`, never overwritten. */
export async function readOwnJson<T>(path: string, schema: z.ZodType<T>, fallback: T): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return fallback;
    throw fileFailure('read', path, error);
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  await rename(path, `${path}.unreadable`);
  return fallback;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes one of Tapline's own JSON files, readable by its owner only. */
export async function writeOwnJson(path: string, value: unknown): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw fileFailure('write', path, error);
  }
}
