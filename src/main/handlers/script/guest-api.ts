import { CAPS } from './protocol';

/**
 * The code that runs before a script in its own context and makes `message` and `ctx`. It takes what it needs of the language
 * before the script can replace it, and builds its answer as text, so that no game with prototypes reaches the next message.
 * Evaluates to `(handler, outputs, outputsSentence) => { start, take }`; `start(meta, body, encoding)` gives the outcome as
 * JSON, or '' while a promise is awaited, whose outcome `take()` gives.
 */
export const GUEST_API = `'use strict';
// Shared memory is not counted by the memory limit.
delete globalThis.SharedArrayBuffer;
delete globalThis.Atomics;
(function () {
  const { parse, stringify } = JSON;
  const { apply, ownKeys } = Reflect;
  const { freeze } = Object;
  const { isView } = ArrayBuffer;
  const { then } = Promise.prototype;
  const { slice, startsWith } = String.prototype;
  const P = Promise, E = Error, S = String, M = Map;
  const { has, set } = Map.prototype;

  const named = (name, text) => {
    const error = new E(text);
    error.name = name;
    return error;
  };
  const asText = (value) => {
    try {
      return S(value);
    } catch {
      return 'something without a text';
    }
  };
  const line = (value) => {
    if (typeof value === 'string') return value;
    try {
      if (value instanceof E) return value.name + ': ' + value.message;
      return stringify(value) ?? asText(value);
    } catch {
      return asText(value);
    }
  };
  const describe = (thrown) => {
    let type = 'Error', text = '', stack = '';
    try {
      if (typeof thrown === 'object' && thrown !== null) {
        type = S(thrown.name ?? 'Error');
        text = S(thrown.message ?? '');
        stack = S(thrown.stack ?? '');
      } else if (thrown === null) text = 'The script threw null: by itself, or because no memory was left to say more.';
      else text = asText(thrown);
    } catch {
      text = 'something without a text';
    }
    const cut = (value, length) => stringify(apply(slice, value, [0, length]));
    return '{"type":' + cut(type, 100) + ',"message":' + cut(text, 2000) + ',"stack":' + cut(stack, 4000) + '}';
  };
  const OPTIONS = ' there are key, headers, contentType and base64.';

  return (handler, outputNames, outputsSentence) => {
    const outputs = new M();
    for (let i = 0; i < outputNames.length; i++) apply(set, outputs, [outputNames[i], true]);
    freeze(outputNames);
    let outcome = '';

    const begin = (message, meta) => {
      let isOpen = true, published = '', publishes = 0, length = 0, logs = '', logLines = 0, dropped = 0;

      const publish = (output, body, options) => {
        if (!isOpen) throw new E('ctx.publish was called after the handler had ended: await what it waits for.');
        const name = asText(output);
        if (!apply(has, outputs, [name])) {
          throw named('UnknownOutput', 'The handler has no output “' + name + '”: ' + outputsSentence);
        }
        let text, type, isBase64 = false, rest = '';
        if (isView(body)) throw new E('ctx.publish takes bytes as base64 text, with the option base64: true.');
        if (typeof body === 'string') {
          text = body;
          type = 'text/plain';
        } else {
          text = stringify(body);
          type = 'application/json';
          if (text === undefined) throw new E('ctx.publish(“' + name + '”) was given no body.');
        }
        if (options !== undefined && options !== null) {
          if (typeof options !== 'object') throw new E('The third argument of ctx.publish is a table of options;' + OPTIONS);
          const keys = ownKeys(options);
          for (let i = 0; i < keys.length; i++) {
            const key = asText(keys[i]), value = options[keys[i]];
            if (value === undefined) continue;
            if (key === 'key' || key === 'contentType') {
              if (typeof value !== 'string') throw new E('The option ' + key + ' of ctx.publish must be text.');
              if (key === 'contentType') type = value;
              else rest += ',"key":' + stringify(value);
            } else if (key === 'headers') {
              const headers = typeof value === 'object' ? stringify(value) : undefined;
              if (headers === undefined || !apply(startsWith, headers, ['{'])) throw new E('The option headers of ctx.publish must be a table.');
              length += headers.length;
              rest += ',"headers":' + headers;
            } else if (key === 'base64') {
              isBase64 = value === true;
            } else throw new E('ctx.publish has no option “' + key + '”;' + OPTIONS);
          }
        }
        if (isBase64) {
          if (typeof body !== 'string') throw new E('With base64: true the body of ctx.publish must be text.');
          if (type === 'text/plain') type = 'application/octet-stream';
          rest += ',"isBase64":true';
        }
        length += text.length;
        if (publishes >= ${CAPS.publishes}) throw named('TooMuch', 'The script published more than ${CAPS.publishes} messages for one message.');
        if (length > ${CAPS.publishedLength}) throw named('TooMuch', 'The script published more than ${CAPS.publishedLength / 1_000_000} million characters for one message.');
        published += (publishes++ === 0 ? '' : ',') + '{"output":' + stringify(name) + ',"body":' + stringify(text) +
          ',"contentType":' + stringify(type) + rest + '}';
      };

      const log = (...values) => {
        if (logLines >= ${CAPS.logLines}) {
          dropped++;
          return;
        }
        let text = '';
        for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ' ') + line(values[i]);
        if (text.length > ${CAPS.logLineLength}) {
          text = apply(slice, text, [0, ${CAPS.logLineLength}]) + '… (' + text.length + ' characters)';
        }
        logs += (logLines++ === 0 ? '' : ',') + stringify(text);
      };

      const end = (failure) => {
        isOpen = false;
        return '{' + (failure ? '"failure":' + failure + ',' : '') + '"publishes":[' + (failure ? '' : published) +
          '],"logs":[' + logs + '],"droppedLogs":' + dropped + '}';
      };

      // What is returned leaves by the only output; the message itself goes on as it is now.
      const finish = (value) => {
        if (value === undefined || value === null) return end();
        if (outputNames.length !== 1) {
          throw new E('The script returned a value, which leaves by the only output, but the handler has ' + outputNames.length + ': use ctx.publish, or return nothing.');
        }
        if (value !== message) publish(outputNames[0], value);
        else {
          const options = { key: message.key };
          if (message.encoding === 'base64') options.base64 = true;
          if (typeof message.contentType === 'string') options.contentType = message.contentType;
          if (stringify(message.headers) !== stringify(parse(meta).headers)) options.headers = message.headers;
          publish(outputNames[0], message.body, options);
        }
        return end();
      };
      const ctx = { publish, log, attempt: message.attempt, outputs: outputNames };
      return { ctx, end, finish };
    };

    const start = (meta, body, encoding) => {
      outcome = '';
      const message = parse(meta);
      message.body = body;
      if (encoding === 'text' && message.encoding === 'json') {
        try {
          message.body = parse(body);
        } catch {
          message.encoding = 'text';
        }
      }
      const { ctx, end, finish } = begin(message, meta);
      const failed = (thrown) => end(describe(thrown));
      const done = (value) => {
        try {
          return finish(value);
        } catch (thrown) {
          return failed(thrown);
        }
      };
      try {
        const result = handler(message, ctx);
        if (typeof result !== 'object' || result === null || typeof result.then !== 'function') return done(result);
        apply(then, new P((resolve) => resolve(result)), [
          (value) => {
            outcome = done(value);
          },
          (thrown) => {
            outcome = failed(thrown);
          },
        ]);
        return '';
      } catch (thrown) {
        return failed(thrown);
      }
    };
    return { start, take: () => outcome };
  };
})()`;
