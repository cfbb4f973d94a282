import type { Socket } from 'node:net';

/** Collected bytes beyond which a batch leaves at once. */
const BATCH_BYTES = 256 * 1024;
/** Unsent bytes beyond which consumers of the connection get no more until the client has read. */
const CONGESTION_BYTES = 4 * 1024 * 1024;

/** Chunks from this size on are written as they are; smaller neighbours are joined. */
const LARGE_BYTES = 4096;

function joinSmall(chunks: Buffer[]): Buffer[] {
  if (chunks.length === 1) return chunks;
  const joined: Buffer[] = [];
  let small: Buffer[] = [];
  const flushSmall = () => {
    if (small.length > 0) joined.push(small.length === 1 ? (small[0] as Buffer) : Buffer.concat(small));
    small = [];
  };
  for (const chunk of chunks) {
    if (chunk.length < LARGE_BYTES) small.push(chunk);
    else {
      flushSmall();
      joined.push(chunk);
    }
  }
  flushSmall();
  return joined;
}

/** Writes of one turn of the event loop leave as one; a slow reader is noticed. */
export class BatchedOutput {
  isCongested = false;
  private chunks: Buffer[] = [];
  private bytes = 0;
  private isScheduled = false;

  constructor(
    private readonly socket: Socket,
    onDrained: () => void,
  ) {
    socket.on('drain', () => {
      if (!this.isCongested) return;
      this.isCongested = false;
      onDrained();
    });
  }

  write(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes > BATCH_BYTES) this.flush();
    else if (!this.isScheduled) {
      this.isScheduled = true;
      process.nextTick(() => this.flush());
    }
  }

  flush(): void {
    this.isScheduled = false;
    if (this.chunks.length === 0 || !this.socket.writable) return;
    const batch = joinSmall(this.chunks);
    this.chunks = [];
    this.bytes = 0;
    this.socket.cork();
    for (const piece of batch) this.socket.write(piece);
    this.socket.uncork();
    if (this.socket.writableLength > CONGESTION_BYTES) this.isCongested = true;
  }
}
