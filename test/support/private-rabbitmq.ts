import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brokerFolder } from './broker-folder';
import { freePort } from './ports';

/** A RabbitMQ that is ours alone: own ports, own folder, killed at the end. */
export interface PrivateRabbit {
  url: string;
  managementUrl: string;
  amqpPort: number;
  pid: number;
  /** SIGKILL, as a crash; data stay. */
  kill: () => Promise<void>;
  /** Starts again on the same ports and data after `kill`. */
  restart: () => Promise<void>;
  /** Runs `rabbitmqctl` on it; about two seconds. Not with `root`. */
  control: (...args: string[]) => Promise<void>;
  /** Kills it and removes its folder. */
  stop: () => Promise<void>;
}

const DEBIAN_HOME = '/usr/lib/rabbitmq/bin';

/**
 * Folder of the server's own scripts; never the Debian wrappers in /usr/sbin, which switch user. Null where there is none, or
 * `TAPLINE_TEST_RABBITMQ_URL` is `none`.
 */
export function findRabbitHome(): string | null {
  if (process.env.TAPLINE_TEST_RABBITMQ_URL === 'none') return null;
  if (existsSync(join(DEBIAN_HOME, 'rabbitmq-server'))) return DEBIAN_HOME;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const script = join(folder, 'rabbitmq-server');
    if (existsSync(script)) return dirname(realpathSync(script));
  }
  return null;
}

function untilListening(port: number, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      if (child.exitCode !== null)
        return reject(new Error(`the process for port ${port} ended with ${child.exitCode}`));
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', () => setTimeout(attempt, 20));
    };
    attempt();
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Runs a command inside another Debian; needs root. The mounts are the process's own, so nothing is left to unmount. */
function inRoot(root: string, command: string, args: string[]): [string, string[]] {
  const enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
  return ['unshare', ['-m', 'sh', '-c', enter, root, command, ...args]];
}

/**
 * Starts a private broker with the management plugin; takes 4 to 7 seconds. With `root`, the RabbitMQ installed in that
 * folder's own Debian. Throws with the tail of its log when it does not come up.
 */
export async function startPrivateRabbit(
  options: { plugins?: string[]; config?: string; root?: string } = {},
): Promise<PrivateRabbit> {
  const { root } = options;
  const home = root ? DEBIAN_HOME : findRabbitHome();
  if (!home) throw new Error('no rabbitmq-server on this machine');
  // The broker sees `folder`; from outside it is at `outside`.
  const outside = root ? mkdtempSync(join(root, 'tmp', 'tapline-rabbit-')) : brokerFolder('tapline-rabbit-');
  const folder = root ? outside.slice(root.length) : outside;
  for (const sub of ['mnesia', 'log', 'conf.d']) mkdirSync(join(outside, sub));
  const [amqpPort, managementPort, distPort, epmdPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const plugins = ['rabbitmq_management', ...(options.plugins ?? [])];
  writeFileSync(join(outside, 'enabled_plugins'), `[${plugins.join(',')}].\n`);
  writeFileSync(
    join(outside, 'rabbitmq.conf'),
    [
      `listeners.tcp.1 = 127.0.0.1:${amqpPort}`,
      'management.tcp.ip = 127.0.0.1',
      `management.tcp.port = ${managementPort}`,
      'disk_free_limit.absolute = 50MB',
      'log.console = true',
      'log.file = false',
      options.config ?? '',
    ].join('\n'),
  );
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: folder,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_NODENAME: `tapline${process.pid}x${amqpPort}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(amqpPort),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'gen'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_CONFIG_FILES: join(folder, 'conf.d'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The start script then replaces itself by the Erlang process, so that our child is the broker.
    RUNNING_UNDER_SYSTEMD: 'true',
  };

  let epmd: ChildProcess;
  let server: ChildProcess;
  const killAll = () => {
    server?.kill('SIGKILL');
    epmd?.kill('SIGKILL');
  };
  process.on('exit', killAll);

  const boot = async () => {
    // In the foreground: otherwise the server starts an epmd of its own that outlives the test.
    const epmdArgs = ['-port', String(epmdPort), '-address', '127.0.0.1'];
    const [epmdCommand, epmdArguments] = root ? inRoot(root, 'epmd', epmdArgs) : ['epmd', epmdArgs];
    epmd = spawn(epmdCommand, epmdArguments, { stdio: 'ignore', env: { PATH: process.env.PATH } });
    await untilListening(epmdPort, epmd);
    const script = join(home, 'rabbitmq-server');
    const [command, args] = root ? inRoot(root, script, []) : [script, []];
    server = spawn(command, args, { env, cwd: outside, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-20_000);
        if (log.includes('Server startup complete') || log.includes('completed with')) resolve();
      };
      server.stdout?.on('data', read);
      server.stderr?.on('data', read);
      server.once('exit', (code) => reject(new Error(`rabbitmq-server ended with ${code}:\n${log.slice(-3000)}`)));
    });
    await untilListening(amqpPort, server);
    await untilListening(managementPort, server);
  };
  const kill = async () => {
    killAll();
    await Promise.all([ended(server), ended(epmd)]);
  };

  await boot();
  return {
    url: `amqp://guest:guest@127.0.0.1:${amqpPort}`,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    amqpPort,
    get pid() {
      return server.pid ?? -1;
    },
    kill,
    restart: boot,
    control: async (...args) => void (await promisify(execFile)(join(home, 'rabbitmqctl'), args, { env })),
    stop: async () => {
      await kill();
      process.off('exit', killAll);
      rmSync(outside, { recursive: true, force: true });
    },
  };
}
