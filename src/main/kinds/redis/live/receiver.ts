import { Failure } from '@shared/failure';
import type { Closable, OpenReceiver } from '../../live';
import { openRedis } from '../connect';
import { consumeEnd } from './ends';
import { GroupConsumer } from './group-consumer';
import { subscribe } from './subscriber';

/** Consumes groups and listens to channels for handlers, each on connections of its own: a waiting read holds up its connection. */
export const openReceiver: OpenReceiver = async (target, traffic) => {
  (await openRedis(target, 'consume')).disconnect();
  const open = new Set<Closable>();
  return {
    async consume(request) {
      const end = consumeEnd(traffic.flow(), request.link);
      if (!end)
        throw new Failure('run/no-source', `The link “${request.link}” takes from nothing that can be consumed.`);
      const consumer =
        end.type === 'group'
          ? await GroupConsumer.open(target, traffic, request, end)
          : await subscribe(target, traffic, request, end);
      open.add(consumer);
      return {
        async close() {
          open.delete(consumer);
          await consumer.close();
        },
      };
    },
    async close() {
      await Promise.all([...open].map((one) => one.close()));
      open.clear();
    },
  };
};
