/** One thing a script may use, for completion in the editor and for help. */
export interface ScriptApiEntry {
  label: string;
  kind: 'method' | 'property';
  /** Its type, as TypeScript writes it. */
  detail: string;
  info: string;
}

const property = (label: string, detail: string, info: string): ScriptApiEntry => ({
  label,
  kind: 'property',
  detail,
  info,
});
const method = (label: string, detail: string, info: string): ScriptApiEntry => ({
  label,
  kind: 'method',
  detail,
  info,
});

/** What `message` and `ctx` have; see main/handlers/script/guest-api.ts. */
export const SCRIPT_API: Readonly<Record<'message' | 'ctx', readonly ScriptApiEntry[]>> = {
  message: [
    property('body', 'any', 'The parsed body when it is JSON, else its text; bytes as base64. See encoding.'),
    property('encoding', "'json' | 'text' | 'base64'", 'What body is.'),
    property('key', 'string', 'The routing key.'),
    property('type', 'string | undefined', 'The application’s message type.'),
    property('headers', 'object', 'The headers.'),
    property('properties', 'object', 'Other properties that were set, such as contentType or correlationId.'),
    property('id', 'string | undefined', 'The message id.'),
    property('attempt', 'number', '1 for the first attempt.'),
    property('redelivered', 'boolean', 'The broker has delivered it before.'),
    property('source', 'string', 'The queue, stream or channel it was taken from.'),
    property('exchange', 'string | undefined', 'The exchange it was published to.'),
    property('contentType', 'string | undefined', 'The content type.'),
  ],
  ctx: [
    method(
      'publish',
      '(output, body, options?) => void',
      'Sends a message by an output when the script has succeeded. Options: key, headers, contentType, base64 (the body is base64 text). Text goes as text, all else as JSON.',
    ),
    method('log', '(...values) => void', 'Writes a line: at most 100 for one message.'),
    property('attempt', 'number', '1 for the first attempt.'),
    property('outputs', 'string[]', 'Names of the handler’s outputs.'),
  ],
};
