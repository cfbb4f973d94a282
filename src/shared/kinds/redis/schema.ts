import { z } from 'zod';

/** When a stream forgets its oldest entries. Redis keeps no such rule: whoever adds entries applies it (`XADD … MAXLEN ~`). */
const trimSchema = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('none') }),
    /** Keeps about so many entries. */
    z.strictObject({ by: z.literal('length'), entries: z.number().int().min(0) }),
    /** Keeps entries for about so long. */
    z.strictObject({ by: z.literal('age'), seconds: z.number().min(1) }),
  ])
  .default({ by: 'none' });

/** Settings of `redis.stream` and `redis.dead-stream` nodes; the node's name is the key. */
export const streamSettingsSchema = z.looseObject({ trim: trimSchema });

/** Settings of a `redis.group` node. */
export const groupSettingsSchema = z.looseObject({
  /** `$`: entries added after the group was made; `0`: all that are there. Only counts when the group is made. */
  start: z.string().default('$'),
  /** What a consumer that was silent for so long owes is taken over by Tapline's handlers, milliseconds. */
  takeOverAfterMs: z.number().int().min(1000).max(86_400_000).default(60_000),
});

/** Settings of `redis.channel` and `redis.pattern` nodes: the name is the channel, or the glob. */
export const channelSettingsSchema = z.looseObject({});

/** Settings of `redis.subscribe`, `redis.read` and `redis.dead-letter` links. */
export const plainLinkSchema = z.looseObject({});

/** `brokers[id].settings` of kind `redis`. */
export const redisBrokerSettingsSchema = z.looseObject({});

export type StreamSettings = z.infer<typeof streamSettingsSchema>;
export type GroupSettings = z.infer<typeof groupSettingsSchema>;
