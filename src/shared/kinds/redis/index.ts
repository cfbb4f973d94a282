import type { Kind } from '@shared/kinds/registry';
import { checkRedis } from './check';
import { redisDescriptor } from './descriptor';
import { groupHops } from './hops';
import {
  channelSettingsSchema,
  groupSettingsSchema,
  plainLinkSchema,
  redisBrokerSettingsSchema,
  streamSettingsSchema,
} from './schema';

/** Redis as a kind of broker: channels, and streams with consumer groups. */
export const redis: Kind = {
  descriptor: redisDescriptor,
  settingsSchemas: {
    broker: redisBrokerSettingsSchema,
    'redis.channel': channelSettingsSchema,
    'redis.pattern': channelSettingsSchema,
    'redis.stream': streamSettingsSchema,
    'redis.dead-stream': streamSettingsSchema,
    'redis.group': groupSettingsSchema,
    'redis.subscribe': plainLinkSchema,
    'redis.read': plainLinkSchema,
    'redis.dead-letter': plainLinkSchema,
  },
  check: checkRedis,
  hops:
    (flow) =>
    ({ node }) =>
      groupHops(flow, node),
};
