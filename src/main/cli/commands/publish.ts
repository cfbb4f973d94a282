import { Failure } from '@shared/failure';
import { addNode, connect } from '@shared/flow/commands';
import type { Flow, Json } from '@shared/flow/schema';
import { MESSAGE_TAKERS } from '@shared/kinds/registry';
import { type AddCommand, outJson } from '../command';
import { findNode, nodeLabel } from '../find-node';
import { readFlowFile } from '../flow-file';
import { openLive } from '../live-session';
import { header, rate, wholeNumber } from '../option-values';
import { addConnectOptions, type ConnectOptions } from '../session';
import { count, plain } from '../text';

interface PublishCommandOptions extends ConnectOptions {
  count: number;
  rate?: number;
  body?: string;
  key?: string;
  header?: Record<string, Json>;
  json?: boolean;
}

const TAKERS = MESSAGE_TAKERS.join(', ');

/** `tapline publish FLOW NODE`: publishes and waits for the confirms; exit 1 if one did not come. */
export const addPublish: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('publish')
      .description('publish messages as a publisher of the flow, and wait for the broker to confirm them')
      .argument('<FLOW>', 'flow file')
      .argument('<NODE>', `publisher, or what one can send to (${TAKERS}); by id, or by a name that only one has`)
      .option('--count <N>', 'how many', wholeNumber(1, 10_000_000), 1)
      .option('--rate <R>', 'messages per second; default: as fast as they are confirmed', rate)
      .option('--body <TEXT>', 'body; may hold {{seq}}, {{uuid}}, {{now}}; default: the publisher’s')
      .option('--key <KEY>', 'routing key; default: the publisher’s')
      .option('--header <NAME=TEXT>', 'header; NAME:=JSON for numbers, true and false; repeatable', header)
      .option('--json', 'machine output: {published, confirmed, returned}'),
  ).action(async (path: string, name: string, options: PublishCommandOptions) => {
    const { flow, node } = publisherFor(await readFlowFile(path), name);
    const live = await openLive(flow, options, tools);
    const { published, confirmed, returned, errors } = await live
      .publish({
        node,
        count: options.count,
        ratePerSecond: options.rate,
        body: options.body,
        routingKey: options.key,
        headers: options.header,
        signal: tools.terminal.interrupted,
      })
      .finally(() => live.close());
    const report = { published, confirmed, returned };
    if (options.json) await outJson(tools, errors.length > 0 ? { ...report, errors } : report);
    else {
      const sentence = `${published} published, ${confirmed} confirmed, ${returned} returned.`;
      await tools.terminal.out(`${tools.paint(confirmed < options.count ? 'red' : 'green', sentence)}\n`);
    }
    for (const error of errors) tools.terminal.err(`${plain(tools.redactor.redact(error))}\n`);
    if (returned > 0) tools.terminal.err(`${count(returned, 'message')} reached nobody.\n`);
    ends(confirmed < options.count ? 1 : 0);
  });
};

/** The publisher that is meant; anything else gets one that is not kept. @throws Failure */
function publisherFor(flow: Flow, name: string): { flow: Flow; node: string } {
  const id = findNode(flow, name, 'publisher');
  if (flow.nodes[id]?.type === 'publisher') return { flow, node: id };
  const added = addNode(flow, { type: 'publisher', position: { x: 0, y: 0 }, settings: { ratePerSecond: 0 } });
  const joined = connect(added.flow, { from: added.id, to: id, type: 'publish' });
  if (joined.id !== undefined) return { flow: joined.flow, node: added.id };
  throw new Failure('cli/not-a-publisher', `Nothing can be published to the ${nodeLabel(flow, id)}.`, {
    hint: `Name a publisher, or what one can send to: ${TAKERS}.`,
    object: name,
  });
}
