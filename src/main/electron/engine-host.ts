import { join } from 'node:path';
import { MessageChannelMain, type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import type { EngineMessage, EngineStart, HostServices, MainMessage } from './host-messages';

/** The engine's process, seen from the main process. It is started again when it ends unexpectedly. */
export interface EngineHost {
  /** A new wire to the engine; the port goes to the page. */
  connect: () => MessagePortMain;
  /** Lets the engine finish and ends it; resolves at the latest after `CLOSE_MS`. */
  close: () => Promise<void>;
}

export interface EngineHostOptions {
  start: EngineStart;
  services: HostServices;
  /** A flow file that could not be opened. */
  onFailed: (message: string) => void;
  /** The engine ended too often to be started again. */
  onGivenUp: () => void;
}

const CLOSE_MS = 5000;
/** More ends than this within the window are not an accident. */
const MOST_ENDS = 3;
const ENDS_WINDOW_MS = 60_000;

export function startEngine(options: EngineHostOptions): EngineHost {
  const endedAt: number[] = [];
  let isClosing = false;
  let child = fork();

  function fork(): UtilityProcess {
    const file = join(import.meta.dirname, 'engine-process.js');
    const forked = utilityProcess.fork(file, [JSON.stringify(options.start)], { serviceName: 'Tapline engine' });
    forked.on('message', (message: EngineMessage) => receive(forked, message));
    forked.on('exit', () => onExit());
    return forked;
  }

  function onExit(): void {
    if (isClosing) return;
    const now = Date.now();
    endedAt.push(now);
    if (endedAt.filter((at) => now - at < ENDS_WINDOW_MS).length > MOST_ENDS) return options.onGivenUp();
    // Pages notice that their port closed and ask for a new one; unsaved work is recovered by the new process.
    child = fork();
  }

  function receive(from: UtilityProcess, message: EngineMessage): void {
    if (message.type === 'failed') options.onFailed(message.message);
    if (message.type !== 'ask') return;
    const answer = (reply: MainMessage) => from.postMessage(reply);
    const service = options.services[message.service] as ((...args: unknown[]) => Promise<unknown>) | undefined;
    if (!service) return answer({ type: 'answer', id: message.id, ok: false, message: 'no such service' });
    service(...message.args).then(
      (value) => answer({ type: 'answer', id: message.id, ok: true, value }),
      (error: unknown) => answer({ type: 'answer', id: message.id, ok: false, message: String(error) }),
    );
  }

  return {
    connect() {
      const { port1, port2 } = new MessageChannelMain();
      const message: MainMessage = { type: 'connect' };
      child.postMessage(message, [port1]);
      return port2;
    },
    async close() {
      isClosing = true;
      const closing = child;
      await new Promise<void>((resolve) => {
        const giveUp = setTimeout(resolve, CLOSE_MS);
        const finish = () => {
          clearTimeout(giveUp);
          resolve();
        };
        closing.on('message', (message: EngineMessage) => message.type === 'closed' && finish());
        closing.on('exit', finish);
        const message: MainMessage = { type: 'close' };
        closing.postMessage(message);
      });
      closing.kill();
    },
  };
}
