import { rmSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';

/** What a sandbox keeps between starts. */
export interface SnapshotSource<Content> {
  /** `leftOut`: messages that there is no room for. */
  take: () => { content: Content; leftOut: number };
  /** May throw; it is cleared then. */
  restore: (content: Content) => void;
  clear: () => void;
}

/** A snapshot has room for so many bytes of messages. */
export const MAX_SNAPSHOT_BYTES = 64 * 1024 * 1024;

interface Snapshot<Content> {
  format: 2;
  content: Content;
  leftOut: number;
}

/** Writes and reads the one snapshot of a sandbox. Saving is atomic: temporary file, fsync, rename. */
export class SnapshotFile<Content> {
  private isDirty = false;
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();
  /** Messages the last snapshot had no room for. */
  private leftOut = 0;
  private last: ReturnType<SnapshotSource<Content>['take']> | undefined;
  /** Why the last save failed. */
  private failure: string | null = null;

  constructor(
    private readonly path: string,
    private readonly source: SnapshotSource<Content>,
  ) {}

  /**
   * Puts the saved state back; the sentences returned say what was not kept. What cannot be read is set aside, never overwritten:
   * a sandbox that cannot be started would be worse.
   */
  async restore(): Promise<string[]> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
    try {
      const snapshot = deserialize(bytes) as Snapshot<Content>;
      if (snapshot.format !== 2) throw new Error(`it has format ${String(snapshot.format)}, this version reads 2`);
      this.source.restore(snapshot.content);
      return snapshot.leftOut === 0 ? [] : [`${snapshot.leftOut} messages were too many to be kept.`];
    } catch (error) {
      this.source.clear();
      await rename(this.path, `${this.path}.unreadable`);
      const reason = error instanceof Error ? error.message : String(error);
      return [`What the sandbox kept could not be read (${reason}); it is set aside as ${this.path}.unreadable.`];
    }
  }

  /** What is not kept, as sentences. */
  remarks(): string[] {
    const { leftOut } = this;
    const remarks = leftOut === 0 ? [] : [`${leftOut} messages are too many to be kept when the sandbox ends.`];
    return this.failure === null ? remarks : [...remarks, `The sandbox cannot be kept: ${this.failure}.`];
  }

  markDirty(): void {
    this.isDirty = true;
  }

  /** Saves every `everyMs` when something changed. */
  start(everyMs: number): void {
    this.timer = setInterval(() => {
      if (this.isDirty) void this.save();
    }, everyMs);
    this.timer.unref();
  }

  /** Saves now; calls run one after another. A failure is told in `remarks`, and the next save tries again. */
  save(): Promise<void> {
    this.saving = this.saving.then(async () => {
      try {
        await this.write();
        this.failure = null;
      } catch (error) {
        this.isDirty = true;
        this.failure = error instanceof Error ? error.message : String(error);
      }
    });
    return this.saving;
  }

  /**
   * Saves what is held at this very moment, and nothing after it. Whoever closes their connections in the same turn has
   * confirmed nothing that is not in it.
   */
  saveLast(): Promise<void> {
    this.stop();
    this.last = this.source.take();
    return this.save();
  }

  private async write(): Promise<void> {
    this.isDirty = false;
    const { content, leftOut } = this.last ?? this.source.take();
    this.leftOut = leftOut;
    const temporary = `${this.path}.tmp`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(serialize({ format: 2, content, leftOut } satisfies Snapshot<Content>));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
  }

  remove(): void {
    this.isDirty = false;
    rmSync(this.path, { force: true });
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
