import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Calls back when a file may have changed on disk. The folder is watched, since editors replace files by renaming. Where
 * the system cannot watch (some network disks) nothing is called; saving looks at the file in any case.
 * @returns the function that stops watching
 */
export function watchFile(path: string, onMaybeChanged: () => void): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) onMaybeChanged();
    });
  } catch {
    return () => {};
  }
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}
