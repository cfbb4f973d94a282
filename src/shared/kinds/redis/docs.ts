/** Pages of Redis's own documentation that problems and forms point to. */
export const docs = {
  pubSub: 'https://redis.io/docs/latest/develop/pubsub/',
  streams: 'https://redis.io/docs/latest/develop/data-types/streams/',
  groups: 'https://redis.io/docs/latest/commands/xgroup-create/',
  trimming: 'https://redis.io/docs/latest/commands/xtrim/',
  pending: 'https://redis.io/docs/latest/commands/xpending/',
  patterns: 'https://redis.io/docs/latest/commands/psubscribe/',
  hashTags: 'https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags',
} as const;
