import { argument, type CommandContext, type CommandTable } from '../command';
import { OK, RedisError, type Reply, Status } from '../reply';
import type { Session } from '../session';
import { REDIS_VERSION } from '../version';

/** Logging in, naming connections, and what clients ask of a server when they connect. */
export const connectionCommands: CommandTable = {
  PING: {
    arity: -1,
    whileSubscribed: true,
    run: ({ session }, [text]) => {
      if (session.subscriptions > 0) return ['pong', text ?? ''];
      return text ?? new Status('PONG');
    },
  },
  ECHO: { arity: 2, run: (_context, [text = '']) => text },
  SELECT: {
    arity: 2,
    run: (_context, [index]) => {
      if (index === '0') return OK;
      throw new RedisError('ERR DB index is out of range');
    },
  },
  TIME: {
    arity: 1,
    run: ({ now }) => [String(Math.floor(now() / 1000)), String((now() % 1000) * 1000)],
  },
  AUTH: {
    arity: -2,
    open: true,
    run: ({ login }, args) => {
      login(args.length > 1 ? argument(args, 0) : 'default', argument(args, args.length - 1));
      return OK;
    },
  },
  HELLO: { arity: -1, open: true, run: hello },
  QUIT: {
    arity: -1,
    open: true,
    whileSubscribed: true,
    run: ({ session }) => {
      session.send(OK);
      session.end();
      return undefined;
    },
  },
  RESET: {
    arity: 1,
    open: true,
    whileSubscribed: true,
    run: ({ session, pubSub }) => {
      pubSub.remove(session);
      session.isMonitor = false;
      session.transaction = undefined;
      return new Status('RESET');
    },
  },
  CLIENT: { arity: -2, run: client },
  COMMAND: { arity: -1, run: () => [] },
  INFO: { arity: -1, run: serverInfo },
  CONFIG: { arity: -2, run: config },
  MONITOR: {
    arity: 1,
    run: ({ session }) => {
      session.isMonitor = true;
      return OK;
    },
  },
};

function hello({ session, login }: CommandContext, args: string[]): Reply {
  const [version, ...options] = args;
  if (version !== undefined && version !== '2') throw new RedisError('NOPROTO unsupported protocol version');
  for (let at = 0; at < options.length; at += 1) {
    const option = argument(options, at).toUpperCase();
    if (option === 'AUTH') {
      login(argument(options, at + 1), argument(options, at + 2));
      at += 2;
    } else if (option === 'SETNAME') {
      session.name = argument(options, at + 1);
      at += 1;
    } else throw new RedisError(`ERR Syntax error in HELLO option '${options[at]}'`);
  }
  if (!session.isLoggedIn) {
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  return [
    'server',
    'redis',
    'version',
    REDIS_VERSION,
    'proto',
    2,
    'id',
    session.id,
    'mode',
    'standalone',
    'role',
    'master',
    'modules',
    [],
  ];
}

function client({ session, sessions, now }: CommandContext, args: string[]): Reply {
  switch (argument(args, 0).toUpperCase()) {
    case 'SETNAME':
      if (/[^!-~]/.test(argument(args, 1))) {
        throw new RedisError('ERR Client names cannot contain spaces, newlines or special characters.');
      }
      session.name = argument(args, 1);
      return OK;
    case 'GETNAME':
      return session.name || null;
    case 'ID':
      return session.id;
    case 'INFO':
      return describe(session, now());
    case 'LIST':
      return [...sessions.values()].map((other) => `${describe(other, now())}\n`).join('');
    case 'SETINFO':
    case 'NO-EVICT':
    case 'NO-TOUCH':
      return OK;
    default:
      throw new RedisError(`ERR unknown subcommand '${args[0]}'. Try CLIENT HELP.`);
  }
}

function describe(session: Session, now: number): string {
  const { id, address, name, since, channels, patterns, transaction, blocked, lastCommand } = session;
  const flags = blocked ? 'b' : session.subscriptions > 0 ? 'P' : session.isMonitor ? 'O' : 'N';
  const age = Math.floor((now - since) / 1000);
  return `id=${id} addr=${address} laddr= fd=0 name=${name} age=${age} idle=0 flags=${flags} db=0 sub=${channels.size} psub=${patterns.size} multi=${transaction?.commands.length ?? -1} cmd=${lastCommand} user=default resp=2`;
}

function serverInfo({ sessions, keyspace }: CommandContext): Reply {
  return [
    '# Server',
    `redis_version:${REDIS_VERSION}`,
    'redis_mode:standalone',
    'tapline_sandbox:1',
    '# Clients',
    `connected_clients:${sessions.size}`,
    '# Memory',
    `used_memory:${keyspace.usedBytes}`,
    '# Replication',
    'role:master',
    'connected_slaves:0',
    '# Cluster',
    'cluster_enabled:0',
    '# Keyspace',
    ...(keyspace.size > 0 ? [`db0:keys=${keyspace.size},expires=0,avg_ttl=0`] : []),
    '',
  ].join('\r\n');
}

function config({ notifications }: CommandContext, args: string[]): Reply {
  const name = args[1]?.toLowerCase();
  switch (argument(args, 0).toUpperCase()) {
    case 'GET':
      return name === 'notify-keyspace-events' ? ['notify-keyspace-events', notifications.classes] : [];
    case 'SET':
      if (name !== 'notify-keyspace-events') {
        throw new RedisError(`ERR Unknown option or number of arguments for CONFIG SET - '${args[1] ?? ''}'`);
      }
      notifications.classes = argument(args, 2);
      return OK;
    default:
      throw new RedisError(`ERR unknown subcommand '${args[0]}'. Try CONFIG HELP.`);
  }
}
