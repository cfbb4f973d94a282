/** Reply codes and the names RabbitMQ puts before its sentences. AMQP 0-9-1, section 1.2. */
const REPLY_NAMES: Record<number, string> = {
  320: 'CONNECTION_FORCED',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
  501: 'FRAME_ERROR',
  502: 'SYNTAX_ERROR',
  503: 'COMMAND_INVALID',
  504: 'CHANNEL_ERROR',
  505: 'UNEXPECTED_FRAME',
  530: 'NOT_ALLOWED',
  540: 'NOT_IMPLEMENTED',
  541: 'INTERNAL_ERROR',
};

/** A refusal as the wire carries it: closes the channel, or the whole connection. `message` is RabbitMQ's own wording. */
export class AmqpError extends Error {
  readonly replyCode: number;
  readonly closes: 'channel' | 'connection';

  constructor(
    replyCode: number,
    /** The message without the code's name, as the management API says it. */
    readonly sentence: string,
    closes: 'channel' | 'connection' = 'channel',
  ) {
    super(`${REPLY_NAMES[replyCode] ?? 'INTERNAL_ERROR'} - ${sentence}`);
    this.name = 'AmqpError';
    this.replyCode = replyCode;
    this.closes = closes;
  }
}

export const notFound = (what: 'queue' | 'exchange', name: string, vhost: string) =>
  new AmqpError(404, `no ${what} '${name}' in vhost '${vhost}'`);

export const precondition = (sentence: string) => new AmqpError(406, sentence);
export const refused = (sentence: string) => new AmqpError(403, sentence);
export const closesConnection = (replyCode: number, sentence: string) =>
  new AmqpError(replyCode, sentence, 'connection');

/** The connection ends without a word, as RabbitMQ does where it cannot make sense of a client. The message is for logs. */
export class SilentClose extends Error {}

export const locked = (queue: string, vhost: string) =>
  new AmqpError(
    405,
    `cannot obtain exclusive access to locked queue '${queue}' in vhost '${vhost}'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  );
