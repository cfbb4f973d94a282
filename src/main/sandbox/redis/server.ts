import { createServer, type Server, type Socket } from 'node:net';
import type { CommandContext } from './command';
import type { RedisObserver } from './events';
import { execute } from './execute';
import { Keyspace } from './keyspace';
import { PubSub } from './pub-sub';
import { NULL_ARRAY, RedisError, type Reply } from './reply';
import { LOGGED_IN_LIMITS, RequestParser, STRANGER_LIMITS } from './request-parser';
import { Session } from './session';

export interface RedisServerOptions {
  /** Whoever connects must give it (`AUTH`, `HELLO … AUTH`); the user is `default`. */
  password: string;
  maxClients?: number;
  /** Estimated bytes of keys and values; writes beyond are refused. Default 512 MiB. */
  maxMemoryBytes?: number;
  /** A connection that has not logged in by then is ended. Default 10 s. */
  loginTimeoutMs?: number;
  now?: () => number;
  observe?: RedisObserver;
  /** Called with every event that keyspace notifications tell, whether a client wants them or not. */
  onKeyEvent?: () => void;
  reportBug?: (error: unknown) => void;
}

/** Speaks RESP2 on loopback: pub/sub, streams with consumer groups, and the keys beside them. */
export class RedisServer {
  readonly keyspace: Keyspace;
  readonly pubSub: PubSub;
  private readonly sessions = new Map<number, Session>();
  private readonly waiting = new Map<string, Set<Session>>();
  private readonly notifications = { classes: '' };
  private readonly observe: RedisObserver;
  private readonly now: () => number;
  private server: Server | undefined;
  private lastSessionId = 0;

  constructor(private readonly options: RedisServerOptions) {
    this.observe = options.observe ?? (() => {});
    this.now = options.now ?? Date.now;
    this.pubSub = new PubSub(this.observe);
    this.keyspace = new Keyspace(this.now, (...event) => this.keyEvent(...event));
  }

  /** 0 picks a free port; answers the port. Throws when it is taken. */
  listen(port = 0): Promise<number> {
    const server = createServer((socket) => this.accept(socket));
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) session.destroy();
    const { server } = this;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** Drops every key; clients stay connected. */
  reset(): void {
    const keys = this.keyspace.keys();
    this.keyspace.clear();
    for (const key of keys) this.wake(key);
  }

  private accept(socket: Socket): void {
    if (this.sessions.size >= (this.options.maxClients ?? 1000)) {
      socket.on('error', () => {});
      socket.end('-ERR max number of clients reached\r\n');
      return;
    }
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    this.lastSessionId += 1;
    const session = new Session(this.lastSessionId, socket, this.now(), (bytes) =>
      this.observe({ type: 'overrun', client: session.name, bytes }),
    );
    this.sessions.set(session.id, session);
    const loginTimer = setTimeout(() => {
      if (!session.isLoggedIn) socket.destroy();
    }, this.options.loginTimeoutMs ?? 10_000);
    const parser = new RequestParser(() => (session.isLoggedIn ? LOGGED_IN_LIMITS : STRANGER_LIMITS));
    const queue: string[][] = [];
    /** Carries out what has come, one after the other; a blocking read holds up those behind it. */
    const work = () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [word = '', ...args] = next;
        this.carryOut(session, word, args, work);
        if (session.blocked) return;
      }
    };
    socket.on('data', (chunk) => {
      try {
        queue.push(...parser.push(String(chunk)));
      } catch (error) {
        session.send(new RedisError(`ERR ${error instanceof Error ? error.message : 'Protocol error'}`));
        session.end();
        return;
      }
      if (!session.blocked) work();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(loginTimer);
      this.forget(session);
    });
  }

  private forget(session: Session): void {
    this.sessions.delete(session.id);
    this.pubSub.remove(session);
    session.blocked?.end(null);
  }

  private carryOut(session: Session, word: string, args: string[], resume: () => void): void {
    const name = word.toUpperCase();
    session.lastCommand = word;
    if (name === 'POST' || name === 'HOST:') {
      // A web page was made to talk to this port: Redis cuts such connections too.
      session.destroy();
      return;
    }
    const isInTransaction = session.transaction !== undefined;
    const context: CommandContext = {
      session,
      sessions: this.sessions,
      keyspace: this.keyspace,
      pubSub: this.pubSub,
      now: this.now,
      observe: this.observe,
      keyEvent: (...event) => this.keyEvent(...event),
      notifications: this.notifications,
      wake: (key) => this.wake(key),
      block: (keys, timeoutMs, attempt) =>
        isInTransaction ? NULL_ARRAY : this.block(session, { keys, timeoutMs, attempt, resume }),
      login: (user, password) => this.login(session, user, password),
    };
    if (session.isLoggedIn) this.monitor(session, name, args);
    const reply = execute(
      {
        context,
        isMemoryFull: () => this.keyspace.usedBytes > (this.options.maxMemoryBytes ?? 512 * 1024 * 1024),
        reportBug: this.options.reportBug ?? (() => {}),
      },
      name,
      args,
    );
    if (reply !== undefined) session.send(reply);
  }

  private login(session: Session, user: string, password: string): void {
    if (user !== 'default' || password !== this.options.password) {
      throw new RedisError('WRONGPASS invalid username-password pair or user is disabled.');
    }
    session.isLoggedIn = true;
  }

  private block(
    session: Session,
    wait: { keys: string[]; timeoutMs: number; attempt: () => Reply | undefined; resume: () => void },
  ): undefined {
    const { keys, timeoutMs, attempt, resume } = wait;
    const timer = timeoutMs > 0 ? setTimeout(() => end(NULL_ARRAY), timeoutMs) : undefined;
    const end = (reply: Reply) => {
      clearTimeout(timer);
      session.blocked = undefined;
      for (const key of keys) {
        const sessions = this.waiting.get(key);
        sessions?.delete(session);
        if (sessions?.size === 0) this.waiting.delete(key);
      }
      if (!this.sessions.has(session.id)) return;
      session.send(reply);
      resume();
    };
    const retry = () => {
      try {
        const reply = attempt();
        if (reply !== undefined) end(reply);
      } catch (error) {
        if (!(error instanceof RedisError)) throw error;
        end(error);
      }
    };
    session.blocked = { keys, retry, end };
    for (const key of keys) this.waiting.set(key, (this.waiting.get(key) ?? new Set()).add(session));
    return undefined;
  }

  /** In the order in which they began to wait, so that group consumers share fairly. */
  private wake(key: string): void {
    for (const session of [...(this.waiting.get(key) ?? [])]) session.blocked?.retry();
  }

  /** Keyspace notifications. Source: https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/ */
  private keyEvent(eventClass: string, event: string, key: string): void {
    this.options.onKeyEvent?.();
    const { classes } = this.notifications;
    if (!classes.includes(eventClass) && !classes.includes('A')) return;
    if (classes.includes('K')) this.pubSub.publish(`__keyspace@0__:${key}`, event);
    if (classes.includes('E')) this.pubSub.publish(`__keyevent@0__:${event}`, key);
  }

  private monitor(by: Session, name: string, args: string[]): void {
    if (name === 'AUTH' || name === 'HELLO' || name === 'MONITOR') return;
    let line: string | undefined;
    for (const session of this.sessions.values()) {
      if (!session.isMonitor) continue;
      line ??= `+${(this.now() / 1000).toFixed(6)} [0 ${by.address}] ${[by.lastCommand, ...args].map(quoted).join(' ')}\r\n`;
      session.sendEncoded(line);
    }
  }
}

function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/[^ -~]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
