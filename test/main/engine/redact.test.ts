import { answerTo } from '@main/engine/answers';
import { createLogger } from '@main/engine/log';
import { createRedactor } from '@main/engine/redact';
import { Failure } from '@shared/failure';
import { describe, expect, it } from 'vitest';

function tools() {
  const lines: string[] = [];
  const redactor = createRedactor();
  return { lines, redactor, log: createLogger(redactor, { level: 'trace', write: (line) => lines.push(line) }) };
}

describe('redaction', () => {
  it('masks passwords in URLs, known or not, and keeps the rest of the text', () => {
    const { redact } = createRedactor();
    expect(redact('cannot reach amqp://me:hunter2@host/v: refused')).toBe('cannot reach amqp://me:***@host/v: refused');
    expect(redact('amqp://me:p@ss:word@host')).toBe('amqp://me:***@host');
    expect(redact('amqp://me@host:5672/ at 10:30 by a@b')).toBe('amqp://me@host:5672/ at 10:30 by a@b');
  });

  it('masks a known secret wherever it stands, encoded too', () => {
    const redactor = createRedactor();
    redactor.add('pass word');
    expect(redactor.redact('{"a":"pass word","b":"pass%20word"}')).toBe('{"a":"***","b":"***"}');
  });

  it('reaches every field, message and stack of a log line', () => {
    const { lines, log, redactor } = tools();
    redactor.add('hunter2');
    log.error(
      { err: new Error('hunter2 refused', { cause: 'amqp://x:other@h' }), deep: { url: ['amqp://a:b@c'] } },
      'hunter2',
    );
    expect(lines.join('')).not.toMatch(/hunter2|other@|a:b@/);
    expect(lines).toHaveLength(1);
  });
});

describe('what a call is answered when it fails', () => {
  it('a Failure keeps its code, sentence and hint, without secrets', () => {
    const { log, redactor } = tools();
    const failure = new Failure('connect/refused', 'amqp://me:hunter2@host refused.', {
      hint: 'Start it.',
      retryable: true,
    });
    expect(answerTo(failure, 'deploy.plan', { log, redactor })).toMatchObject({
      code: 'FAILED',
      message: 'amqp://me:***@host refused.',
      data: { code: 'connect/refused', hint: 'Start it.', retryable: true },
    });
  });

  it('a bug is logged once, and answered with one plain sentence that tells nothing of the inside', () => {
    const { lines, log, redactor } = tools();
    const answer = answerTo(new TypeError("Cannot read properties of undefined (reading 'x')"), 'deploy.plan', {
      log,
      redactor,
    });
    expect(answer).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', message: expect.not.stringContaining('undefined') });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 50, where: 'deploy.plan' });
  });

  it('a call that its caller cancelled is not logged as a bug', () => {
    const { lines, log, redactor } = tools();
    answerTo(new DOMException('aborted', 'AbortError'), 'document.importText', { log, redactor, isCancelled: true });
    expect(lines.filter((line) => JSON.parse(line).level >= 40)).toEqual([]);
  });
});
