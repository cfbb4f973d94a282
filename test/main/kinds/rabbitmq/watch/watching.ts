import type { ConnectionTarget } from '@main/kinds/driver';
import type { Closable } from '@main/kinds/live';
import { createWatch } from '@main/kinds/rabbitmq/watch';
import type { WatchLimits } from '@main/kinds/rabbitmq/watch/limits';
import type { Flow } from '@shared/flow/schema';
import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import { connect } from 'amqplib';
import { afterEach } from 'vitest';
import { createSink, type RecordingSink } from './recording-sink';

export interface Watched extends RecordingSink {
  watch: Closable;
}

export interface WatchOptions {
  mode?: 'counters' | 'tap';
  limits?: Partial<WatchLimits>;
  maskBodies?: boolean;
}

/** What is closed after each test, the last opened first. Call inside `describe`. */
export function useWatching() {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  return {
    watch: async (
      target: ConnectionTarget,
      flow: Flow | (() => Flow),
      options: WatchOptions = {},
    ): Promise<Watched> => {
      const sink = createSink();
      const watch = await createWatch(options.limits)(target, {
        broker: 'main',
        flow: typeof flow === 'function' ? flow : () => flow,
        mode: options.mode ?? 'counters',
        sink,
        maskBodies: () => options.maskBodies ?? false,
        onTapEnded: (reason) => sink.ended.push(reason),
      });
      open.push(() => watch.close());
      return Object.assign(sink, { watch });
    },
    /** A client of the broker that is not Tapline. */
    client: async (url: string, name?: string): Promise<Client> => {
      const connection = await connect(url, name ? { clientProperties: { connection_name: name } } : {});
      connection.on('error', () => {});
      const channel = await connection.createConfirmChannel();
      channel.on('error', () => {});
      open.push(() => connection.close().catch(() => {}));
      return {
        connection,
        channel,
        publish: async (exchange, key, count = 1, publishOptions = {}) => {
          for (let index = 0; index < count; index++)
            channel.publish(exchange, key, Buffer.from(JSON.stringify({ index })), publishOptions);
          await channel.waitForConfirms();
        },
      };
    },
  };
}

export interface Client {
  connection: ChannelModel;
  channel: ConfirmChannel;
  publish: (exchange: string, key: string, count?: number, options?: Options.Publish) => Promise<void>;
}

/** The id of the node of that name, or of the link of that type between two. */
export function idOf(flow: Flow, name: string, to?: string): string {
  const node = (wanted: string) => Object.entries(flow.nodes).find(([, { name: own }]) => own === wanted)?.[0] ?? '';
  if (to === undefined) return node(name);
  const link = Object.entries(flow.links).find(
    ([, { from, to: end }]) => 'node' in from && 'node' in end && from.node === node(name) && end.node === node(to),
  );
  return link?.[0] ?? '';
}
