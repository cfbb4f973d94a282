import { isUtf8 } from 'node:buffer';
import { Failure } from '@shared/failure';
import type { Json } from '@shared/flow/schema';
import { listOutputs } from '@shared/kinds/common/outputs';
import {
  type CompiledScript,
  compileScript,
  locateInSource,
  sayScriptProblem,
  scriptSettingsSchema,
} from '@shared/kinds/common/script';
import { type CreateBehaviour, type Forward, type HandledMessage, HandlingFailed } from '../behaviour';
import { linksByName } from '../outputs';
import { readSettings } from '../settings';
import { SCRIPT_FILE } from './guest';
import { ScriptPool } from './pool';
import { CAPS, type ScriptFailure, type ScriptMessage, type ScriptOutcome, type ScriptPublish } from './protocol';

/** All scripts of this process share one thread, which ends with the last of them. */
let shared: { pool: ScriptPool; users: number } | undefined;

function join(): ScriptPool {
  shared ??= { pool: new ScriptPool(), users: 0 };
  shared.users++;
  return shared.pool;
}

async function leave(pool: ScriptPool): Promise<void> {
  if (shared?.pool !== pool || --shared.users > 0) return;
  shared = undefined;
  await pool.close();
}

/** Handles messages with the user's TypeScript or JavaScript, isolated and limited in time and memory. */
export const createScript: CreateBehaviour = async ({ settings, outputs }) => {
  const { code: source, timeLimitMs, memoryLimitMb } = readSettings(scriptSettingsSchema, settings, 'script');
  const compiled = compileScript(source);
  if ('problem' in compiled) throw refused(sayScriptProblem(compiled.problem));
  const { script } = compiled;
  const links = linksByName(outputs);
  const names = [...links.keys()];
  const pool = join();
  const added = await pool.add({
    code: script.code,
    outputs: names,
    outputsSentence: listOutputs(names),
    timeLimitMs,
    memoryLimitBytes: memoryLimitMb * 1024 * 1024,
  });
  if ('failure' in added) {
    await leave(pool);
    throw refused(sayFailure(added.failure, source, script));
  }
  let isClosed = false;
  return {
    async handle(message, signal) {
      const outcome = await pool.run(added.id, encode(message), signal);
      const logs = logsOf(outcome);
      const { failure } = outcome;
      if (failure) throw new HandlingFailed(sayFailure(failure, source, script), failure.type, logs);
      const forwards = outcome.publishes.flatMap((publish) =>
        (links.get(publish.output) ?? []).map((link) => toForward(link, publish)),
      );
      return { forwards, logs };
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      pool.remove(added.id);
      await leave(pool);
    },
  };
};

function refused(message: string): Failure {
  return new Failure('handler/script', `The script does not start: ${message}`);
}

const PLACE = new RegExp(`${SCRIPT_FILE.replace('.', '\\.')}:(\\d+)(?::(\\d+))?`);

/** `TypeError: x is not a function (line 3, column 5)` */
function sayFailure({ type, message, stack }: ScriptFailure, source: string, script: CompiledScript): string {
  const text = stack === undefined || type === 'Error' ? message : `${type}: ${message}`;
  const [, line, column] = PLACE.exec(stack ?? '') ?? [];
  if (line === undefined) return text;
  const place = locateInSource(source, script, Number(line), column === undefined ? undefined : Number(column));
  return sayScriptProblem({ message: text, ...place });
}

/** A message for the script. The body is tried as JSON unless its content type says text. */
function encode(message: HandledMessage): ScriptMessage {
  const { messageId, source, exchange, routingKey, type, headers, properties, body, attempt, redelivered } = message;
  const isText = isUtf8(body);
  const contentType = properties['contentType'] ?? properties['content_type'];
  const isPlain = typeof contentType === 'string' && contentType.startsWith('text/');
  const encoding = isText ? 'text' : 'base64';
  const meta: Record<string, Json | undefined> = {
    id: messageId,
    key: routingKey,
    type,
    headers,
    properties,
    body: null,
    encoding: isText && !isPlain ? 'json' : encoding,
    contentType: typeof contentType === 'string' ? contentType : undefined,
    attempt,
    redelivered,
    source,
    exchange,
  };
  return { meta: JSON.stringify(meta), body: body.toString(isText ? 'utf8' : 'base64'), encoding };
}

function toForward(link: string, { body, isBase64, key, headers, contentType }: ScriptPublish): Forward {
  return {
    link,
    body: Buffer.from(body, isBase64 ? 'base64' : 'utf8'),
    routingKey: key,
    headers: headers as Record<string, Json> | undefined,
    contentType,
  };
}

function logsOf({ logs, droppedLogs }: ScriptOutcome): string[] {
  if (droppedLogs === 0) return logs;
  return [...logs, `… and ${droppedLogs} more lines, which are not kept: at most ${CAPS.logLines} for one message.`];
}
