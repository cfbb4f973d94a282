import { basename, resolve } from 'node:path';
import { checkUrl, cutUrl, withVhost } from '@shared/api/connection-url';
import { Failure } from '@shared/failure';
import type { Broker, Flow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import type { KindDescriptor } from '@shared/kinds/descriptor';
import { kindOfUrl, kinds, URL_SCHEMES } from '@shared/kinds/registry';
import { InvalidArgumentError, Option } from 'commander';
import { readTextFile, writeTextFile } from '../../engine/files';
import { givenTarget } from '../../engine/given-connections';
import { placeImported, readSource, usualBroker } from '../../engine/import-source';
import { DRIVERS, driverOf } from '../../engine/kinds';
import type { Importer } from '../../kinds/driver';
import { type AddCommand, type CommandTools, outJson } from '../command';
import { readFlowFile } from '../flow-file';
import { refuseToReplace } from '../replaceable';
import { readTls, type TlsOptions } from '../session';
import { count, plain } from '../text';

interface ImportCommandOptions extends TlsOptions {
  output: string;
  into?: string;
  broker?: string;
  vhost?: string;
  management?: string;
  json?: boolean;
}

/** `URL`, or `ID=URL` as other commands take it. */
function managementUrl(value: string): string {
  const url = value.replace(/^[^=:/]+=/, '');
  const wrong = checkUrl(url, ['http', 'https']);
  if (wrong !== undefined) throw new InvalidArgumentError(wrong);
  return url;
}

/** `tapline import SOURCE -o FLOW`: definitions, another flow or a live broker as a flow, or merged into one. */
export const addImport: AddCommand = (program, tools, ends) => {
  program
    .command('import')
    .description('make a flow of RabbitMQ definitions or of a live broker')
    .argument(
      '<SOURCE>',
      'definitions file, amqp(s):// or redis(s):// URL of a broker, or http(s)://… of a management API',
    )
    .requiredOption('-o, --output <FLOW>', 'flow file to write')
    .option('--into <FLOW>', 'merge into this flow: what is placed stays where it is')
    .option('--broker <ID>', 'broker of the flow that the objects belong to; default: the first, or main')
    .option('--vhost <NAME>', 'of a live broker, this virtual host; default: that of an amqp URL, all of an http URL')
    .addOption(
      new Option('--management <URL>', 'management API of an amqp broker; default: the usual port').argParser(
        managementUrl,
      ),
    )
    .option('--ca <FILE>', 'certificate authority to trust, PEM')
    .option('--client-cert <FILE>', 'client certificate, PEM')
    .option('--client-key <FILE>', 'key of the client certificate, PEM')
    .option('--json', 'machine output: {nodes, links, notices, output}')
    .action(async (source: string, options: ImportCommandOptions) => {
      const output = resolve(options.output);
      const isThere = await refuseToReplace(output, 'flow');
      const into = options.into === undefined ? undefined : await readFlowFile(options.into);
      const importer = await openSource(source, into, options, tools);
      const { flow, imported, notices } = importer(into);
      const placed = await placeImported(flow, tools.terminal.interrupted);
      await writeTextFile(output, serialiseFlow(placed), { backup: true });
      const isOther = isThere && (options.into === undefined || resolve(options.into) !== output);
      if (isOther) notices.push(`What stood in ${basename(output)} is kept as ${basename(output)}.bak.`);
      await tell({ ...imported, notices, output: options.output }, options, tools);
      ends(0);
    });
};

async function openSource(
  source: string,
  into: Flow | undefined,
  options: ImportCommandOptions,
  tools: CommandTools,
): Promise<Importer> {
  const isApi = /^https?:/i.test(source);
  const kind = isApi ? MANAGED_KIND : kindOfUrl(source);
  const broker = options.broker ?? (into ? usualBroker(into, kind?.kind) : 'main');
  if (into && options.broker !== undefined && !into.brokers[broker]) {
    throw new Failure('cli/unknown-broker', `The flow “${into.name}” has no broker “${broker}”.`, {
      hint: `Its brokers are ${Object.keys(into.brokers).join(', ')}.`,
      object: broker,
    });
  }
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    const { text } = await readTextFile(source);
    return readSource({ name: basename(source), text, broker });
  }
  const wrong = checkUrl(source, isApi ? ['http', 'https'] : URL_SCHEMES);
  if (wrong !== undefined) {
    throw new Failure('cli/usage', wrong, {
      hint: 'A source is a file, amqp(s):// or redis(s):// URL of a broker, or http(s)://… of its management API.',
    });
  }
  refuseOthers(kind, into?.brokers[broker], options);
  const tls = await readTls(options);
  const target = givenTarget(
    broker,
    {
      url: inVhost(isApi ? brokerOf(source) : source, options.vhost),
      ...(isApi ? { managementUrl: source } : options.management ? { managementUrl: options.management } : {}),
      ...(tls ? { tls } : {}),
    },
    tools.redactor,
  );
  const driver = driverOf(DRIVERS, kind?.kind ?? '', broker);
  const vhosts = isApi && options.vhost === undefined ? 'all' : [];
  return driver.importLive(target, { vhosts, signal: tools.terminal.interrupted });
}

/** What an http(s) URL is of. */
const MANAGED_KIND = kinds.map(({ descriptor }) => descriptor).find(({ hasManagementUrl }) => hasManagementUrl);

/** A broker of another kind in the flow, and options that the kind does not have. @throws Failure */
function refuseOthers(
  kind: KindDescriptor | undefined,
  drawn: Broker | undefined,
  { management, vhost }: ImportCommandOptions,
): void {
  if (!kind) return;
  if (drawn && drawn.kind !== kind.kind)
    throw new Failure(
      'cli/usage',
      `The broker “${drawn.name}” of the flow is of kind ${drawn.kind}, not ${kind.kind}.`,
      {
        hint: 'Name another with --broker.',
      },
    );
  if (kind.hasManagementUrl) return;
  const option = management === undefined ? (vhost === undefined ? undefined : '--vhost') : '--management';
  if (option !== undefined) throw new Failure('cli/usage', `${kind.label} has no use for ${option}: leave it out.`);
}

/** A management URL names no AMQP address; that of its host carries the credentials. Nothing connects to it. */
function brokerOf(source: string): string {
  const { userInfo, rest = '' } = cutUrl(source) ?? {};
  const host = /^(\[[^\]]*\]|[^/:?#]*)/.exec(rest)?.[0] ?? '';
  return `amqp://${userInfo === undefined ? '' : `${userInfo}@`}${host}`;
}

function inVhost(url: string, vhost: string | undefined): string {
  return vhost === undefined ? url : withVhost(url, vhost);
}

interface Told {
  nodes: number;
  links: number;
  notices: string[];
  output: string;
}

async function tell(told: Told, { json }: ImportCommandOptions, tools: CommandTools): Promise<void> {
  if (json) return outJson(tools, told);
  const { nodes, links, notices, output } = told;
  for (const notice of notices) tools.terminal.err(`${plain(notice)}\n`);
  await tools.terminal.out(`Imported ${count(nodes, 'node')} and ${count(links, 'link')} into ${plain(output)}.\n`);
}
