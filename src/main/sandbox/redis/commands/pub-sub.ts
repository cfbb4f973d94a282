import { compileGlob } from '@shared/kinds/redis/glob';
import { argument, type CommandContext, type CommandTable } from '../command';
import { RedisError, type Reply } from '../reply';

/** Channels and patterns. */
export const pubSubCommands: CommandTable = {
  PUBLISH: { arity: 3, run: ({ pubSub }, [channel = '', message = '']) => pubSub.publish(channel, message) },
  SUBSCRIBE: {
    arity: -2,
    whileSubscribed: true,
    run: (context, names) =>
      change(context, 'subscribe', names, (name) => context.pubSub.subscribe(context.session, name)),
  },
  PSUBSCRIBE: {
    arity: -2,
    whileSubscribed: true,
    run: (context, names) =>
      change(context, 'psubscribe', names, (name) => context.pubSub.subscribePattern(context.session, name)),
  },
  UNSUBSCRIBE: {
    arity: -1,
    whileSubscribed: true,
    run: (context, names) =>
      change(context, 'unsubscribe', names.length > 0 ? names : [...context.session.channels], (name) =>
        context.pubSub.unsubscribe(context.session, name),
      ),
  },
  PUNSUBSCRIBE: {
    arity: -1,
    whileSubscribed: true,
    run: (context, names) =>
      change(context, 'punsubscribe', names.length > 0 ? names : [...context.session.patterns.keys()], (name) =>
        context.pubSub.unsubscribePattern(context.session, name),
      ),
  },
  PUBSUB: { arity: -2, run: inspect },
};

/** One reply for each name, with how many subscriptions there are then. */
function change({ session }: CommandContext, word: string, names: string[], apply: (name: string) => void): undefined {
  if (names.length === 0) session.send([word, null, session.subscriptions]);
  for (const name of names) {
    apply(name);
    session.send([word, name, session.subscriptions]);
  }
  return undefined;
}

function inspect({ pubSub }: CommandContext, [sub = '', ...args]: string[]): Reply {
  switch (sub.toUpperCase()) {
    case 'CHANNELS':
      return args[0] === undefined ? pubSub.channels() : pubSub.channels().filter(compileGlob(argument(args, 0)));
    case 'NUMSUB':
      return args.flatMap((channel) => [channel, pubSub.subscribers(channel)]);
    case 'NUMPAT':
      return pubSub.patternCount();
    default:
      throw new RedisError(`ERR unknown subcommand '${sub}'. Try PUBSUB HELP.`);
  }
}
