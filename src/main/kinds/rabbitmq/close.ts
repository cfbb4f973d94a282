import type { Channel, ChannelModel } from 'amqplib';

/** A peer that does not say goodbye within this time is left. */
const GOODBYE_MS = 2000;

/**
 * Closes a channel or connection; never rejects, also when it is closed already. amqplib's own `close` never settles when the
 * connection goes away before the broker's answer: then the `close` event ends the wait.
 */
export async function closeQuietly(open: Channel | ChannelModel): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<void>((resolve) => {
    open.once('close', resolve);
    timer = setTimeout(resolve, GOODBYE_MS);
  });
  const said = open.close().catch(() => {}); // closed already: just as well
  await Promise.race([said, gone]);
  clearTimeout(timer);
}
