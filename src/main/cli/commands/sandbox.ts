import { type SandboxVersion, sandboxVersionSchema } from '@shared/api/sandbox';
import { Failure } from '@shared/failure';
import { Option } from 'commander';
import { defaultDataFolder } from '../../engine/data-folder';
import { flowIdentity } from '../../engine/planner';
import { type HeldSandbox, holdSandbox } from '../../engine/sandbox/held-sandbox';
import { sandboxBrokers, urlsOf } from '../../engine/sandbox/sandbox-address';
import { spawnSandbox } from '../../sandbox/spawn';
import { SANDBOX_KINDS, sandboxFolder } from '../../sandbox/start';
import { type AddCommand, outJson } from '../command';
import { deployHere } from '../deploy-here';
import { readFlowFile } from '../flow-file';
import { wholeNumber } from '../option-values';
import { openSession } from '../session';
import { count } from '../text';

interface SandboxCommandOptions {
  port?: number;
  version: SandboxVersion;
  json?: boolean;
}

/** `tapline sandbox FLOW`: an embedded broker for each of the flow's brokers, with the flow deployed, until it is stopped. */
export const addSandbox: AddCommand = (program, tools, ends) => {
  program
    .command('sandbox')
    .description('an embedded broker with the flow deployed to it, until Ctrl+C; other commands join it')
    .argument('<FLOW>', 'flow file')
    .option('--port <N>', 'port for clients; default: a free one', wholeNumber(1, 65_535))
    .addOption(
      new Option('--version <V>', 'which RabbitMQ it behaves like; no matter for other kinds')
        .choices(sandboxVersionSchema.options)
        .default('3.10' satisfies SandboxVersion),
    )
    .option('--json', 'machine output: a line a broker {broker, url}; for RabbitMQ {managementUrl, version} too')
    .action(async (path: string, options: SandboxCommandOptions) => {
      const { terminal, redactor } = tools;
      const flow = await readFlowFile(path);
      const brokers = sandboxBrokers(flow);
      if (options.port !== undefined && brokers.length > 1)
        throw new Failure('cli/usage', `The flow has ${brokers.length} brokers: --port can be given for one only.`);
      const held: HeldSandbox[] = [];
      const lost = new AbortController();
      try {
        for (const [broker, kind] of brokers) {
          const folder = sandboxFolder(defaultDataFolder(terminal.variables));
          const start = { folder, flow: flowIdentity(flow), broker, kind, version: options.version, isKept: true };
          const sandbox = await holdSandbox({
            start: { ...start, port: options.port },
            spawn: spawnSandbox,
            onRestarted: () => terminal.err('The sandbox ended unexpectedly and was started again.\n'),
            onLost: (reason) => {
              terminal.err(`${redactor.redact(reason)}\n`);
              lost.abort();
            },
          });
          if (!sandbox) continue;
          held.push(sandbox);
          const { url, managementUrl } = urlsOf(kind, sandbox.address());
          const version = SANDBOX_KINDS[kind].hasVersions ? sandbox.version() : undefined;
          // The URL is the result, so its password is shown: it counts on this machine only, and until the sandbox ends.
          if (options.json) await terminal.out(`${JSON.stringify({ broker, url, managementUrl, version })}\n`);
          else await terminal.out(`${broker}  ${url}${managementUrl ? `  management ${managementUrl}` : ''}\n`);
        }
        const session = await openSession(flow, {}, tools);
        const { status, failed, skipped } = await deployHere(await session.deployContext(), tools);
        if (options.json) await outJson(tools, { status, failed, skipped });
        else
          await terminal.out(
            status === 'in-sync' ? 'The flow is deployed.\n' : `Deployed but for ${count(failed + skipped, 'step')}.\n`,
          );
        const stop = AbortSignal.any([terminal.interrupted, lost.signal]);
        await untilAborted(stop);
      } finally {
        await Promise.all(held.map((sandbox) => sandbox.release()));
      }
      ends(lost.signal.aborted ? 1 : 0);
    });
};

/** Node's timers take at most this many milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** Nothing else keeps this process: the sandbox is one of its own, and is asked now and then by a timer that keeps nobody. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  const stay = setInterval(() => {}, LONGEST_MS);
  try {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    clearInterval(stay);
  }
}
