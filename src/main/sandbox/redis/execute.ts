import type { Command, CommandContext } from './command';
import { COMMANDS } from './commands/table';
import { NULL_ARRAY, OK, RedisError, type Reply, Status } from './reply';

/** What the server decides by itself before a command runs. */
export interface ExecuteOptions {
  context: CommandContext;
  isMemoryFull: () => boolean;
  /** A failure that is no reply: a bug of the sandbox. */
  reportBug: (error: unknown) => void;
}

const QUEUED = new Status('QUEUED');

/** Carries out one command of a session, transactions included. Undefined: it has answered itself, or will. */
export function execute(options: ExecuteOptions, name: string, args: string[]): Reply | undefined {
  try {
    return inTransaction(options, name, args) ?? runCommand(options, name, args);
  } catch (error) {
    return answerTo(error, options);
  }
}

function answerTo(error: unknown, { reportBug }: ExecuteOptions): RedisError {
  if (error instanceof RedisError) return error;
  reportBug(error);
  return new RedisError('ERR the sandbox failed to carry out the command');
}

function findCommand({ context: { session } }: ExecuteOptions, name: string, args: string[]): Command {
  const command = COMMANDS[name];
  if (!session.isLoggedIn && !command?.open) throw new RedisError('NOAUTH Authentication required.');
  if (!command) {
    const shown = args.slice(0, 20).map((arg) => `'${arg.slice(0, 128)}' `);
    throw new RedisError(`ERR unknown command '${session.lastCommand}', with args beginning with: ${shown.join('')}`);
  }
  const count = args.length + 1;
  if (command.arity > 0 ? count !== command.arity : count < -command.arity) {
    throw new RedisError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
  }
  if (session.subscriptions > 0 && !command.whileSubscribed) {
    throw new RedisError(
      `ERR Can't execute '${name.toLowerCase()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  return command;
}

function runCommand(options: ExecuteOptions, name: string, args: string[]): Reply | undefined {
  const command = findCommand(options, name, args);
  if (command.writes && options.isMemoryFull()) {
    throw new RedisError("OOM command not allowed when used memory > 'maxmemory'.");
  }
  return command.run(options.context, args);
}

/** MULTI, EXEC and DISCARD, and queueing in between; undefined when the command is to be run now. */
function inTransaction(options: ExecuteOptions, name: string, args: string[]): Reply | undefined {
  const { session } = options.context;
  const { transaction } = session;
  if (!session.isLoggedIn) return undefined;
  switch (name) {
    case 'MULTI':
      if (transaction) throw new RedisError('ERR MULTI calls can not be nested');
      session.transaction = { commands: [], failed: false };
      return OK;
    case 'DISCARD':
      if (!transaction) throw new RedisError('ERR DISCARD without MULTI');
      session.transaction = undefined;
      return OK;
    case 'WATCH':
    case 'UNWATCH':
      // One command runs at a time and nobody else's comes between EXEC's; watching keys is not offered.
      throw new RedisError(`ERR the sandbox does not offer ${name}`);
    case 'EXEC': {
      if (!transaction) throw new RedisError('ERR EXEC without MULTI');
      if (transaction.failed) {
        session.transaction = undefined;
        throw new RedisError('EXECABORT Transaction discarded because of previous errors.');
      }
      const replies = transaction.commands.map(([command = '', ...rest]) => runQueued(options, command, rest));
      session.transaction = undefined;
      return replies;
    }
    default:
  }
  if (!transaction || name === 'RESET' || name === 'QUIT') return undefined;
  try {
    findCommand(options, name, args);
  } catch (error) {
    transaction.failed = true;
    throw error;
  }
  transaction.commands.push([name, ...args]);
  return QUEUED;
}

function runQueued(options: ExecuteOptions, name: string, args: string[]): Reply {
  try {
    return runCommand(options, name, args) ?? NULL_ARRAY;
  } catch (error) {
    return answerTo(error, options);
  }
}
