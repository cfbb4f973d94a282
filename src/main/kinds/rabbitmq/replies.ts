/** A refusal in the broker's own words. */
export interface BrokerReply {
  /** AMQP reply code; 0 when the channel or connection went away without one. */
  code: number;
  /** `inequivalent arg 'durable' for queue …`: RabbitMQ's sentence without amqplib's wrapping. */
  sentence: string;
}

/** Takes amqplib's error apart. */
export function replyOf(error: unknown): BrokerReply {
  const { code, message = String(error) } = error as { code?: unknown; message?: string };
  const wrapped = /with message "(?:[A-Z_]+ - )?(.*)"$/s.exec(message)?.[1];
  return { code: typeof code === 'number' ? code : 0, sentence: wrapped ?? message };
}

/** The permission a refusal with 403 asks for, as the sentence that tells an administrator what to grant; undefined for other refusals. */
export function permissionHint(
  what: { configure?: string[]; write?: string[]; read?: string[] },
  user: string,
  vhost: string,
): string {
  const pattern = (names: string[]) =>
    `^(${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;
  const parts = (['configure', 'write', 'read'] as const).flatMap((kind) => {
    const names = what[kind];
    return names && names.length > 0 ? [`${kind} ${pattern(names)}`] : [];
  });
  return `The user “${user}” needs, in the vhost “${vhost}”, the permission ${parts.join(' and ')}.`;
}
