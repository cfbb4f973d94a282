import { serve } from '../../serve/index';
import type { AddCommand } from '../command';
import { wholeNumber } from '../option-values';
import { addConnectOptions, type ConnectOptions, connectionsGiven, readTls } from '../session';

interface ServeCommandOptions extends ConnectOptions {
  port?: number;
  host?: string;
  json?: boolean;
}

/** `tapline serve [FLOW]`: the app in a browser, until it is stopped. */
export const addServe: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('serve')
      .description('the app in a browser; prints its URL, which carries a token')
      .argument('[FLOW]', 'flow file; default: unsaved work, else the example')
      .option('--port <N>', 'default: a free one', wholeNumber(0, 65_535))
      .option('--host <H>', 'address to listen on; default: 127.0.0.1, this machine only')
      .option('--json', 'machine output: {url}'),
  ).action(async (flowPath: string | undefined, options: ServeCommandOptions) => {
    const { terminal } = tools;
    const served = await serve({
      flowPath,
      port: options.port,
      host: options.host,
      connections: connectionsGiven(options, await readTls(options)),
      warn: (sentence) => terminal.err(`${sentence}\n`),
    });
    await terminal.out(options.json ? `${JSON.stringify({ url: served.url })}\n` : `${served.url}\n`);
    if (!terminal.interrupted.aborted)
      await new Promise((resolve) => terminal.interrupted.addEventListener('abort', resolve, { once: true }));
    await served.close();
    ends(0);
  });
};
