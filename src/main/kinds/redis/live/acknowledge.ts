import type { Redis } from 'ioredis';

/** Acknowledges entries of a group: those of one turn of the event loop with one command. Each call resolves when its entry is settled. */
export function acknowledger(redis: Redis, stream: string, group: string): (id: string) => Promise<unknown> {
  let ids: string[] = [];
  let sending: Promise<unknown> | undefined;
  const send = () => {
    const batch = ids;
    ids = [];
    sending = undefined;
    return redis.xack(stream, group, ...batch);
  };
  return (id) => {
    ids.push(id);
    sending ??= new Promise((resolve) => setImmediate(resolve)).then(send);
    return sending;
  };
}
