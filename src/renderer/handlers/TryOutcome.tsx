import { Alert } from '@mantine/core';
import type { ReadableFailure } from '@renderer/engine/failure';
import type { TriedForward, TryReport } from '@shared/api/try-handler';
import classes from './TryOutcome.module.css';

/** What became of a try: what would be sent, what was written, or why it failed. */
export function TryOutcome({ answer }: { answer: { report: TryReport } | { failure: ReadableFailure } }) {
  if ('failure' in answer) {
    return (
      <Alert color="red" title={answer.failure.message} role="alert">
        {answer.failure.hint}
      </Alert>
    );
  }
  const { forwards, logs, route, failure } = answer.report;
  return (
    <section className={classes.outcome} aria-label="Outcome" aria-live="polite">
      {failure ? (
        <Alert color="red" title="The message would fail">
          {failure.message}
        </Alert>
      ) : (
        <h3 className={classes.heading}>{headline(forwards.length, route)}</h3>
      )}
      {forwards.map((forward, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is made once and never changes
        <Forward key={index} forward={forward} />
      ))}
      {logs.length > 0 && (
        <>
          <h3 className={classes.heading}>Log</h3>
          <pre className={classes.text}>{logs.join('\n')}</pre>
        </>
      )}
    </section>
  );
}

function headline(count: number, route: string | null | undefined): string {
  if (route === null) return 'No rule takes this message: it would end here, counted as unmatched.';
  const sent =
    count === 0 ? 'Nothing would be sent.' : `${count} ${count === 1 ? 'message' : 'messages'} would be sent.`;
  return route === undefined ? sent : `Rule “${route}”: ${sent}`;
}

function Forward({ forward }: { forward: TriedForward }) {
  const { output, routingKey, headers, contentType, body, isBase64, isCut, bytes } = forward;
  const facts = [
    routingKey === undefined ? undefined : `key ${routingKey === '' ? '(empty)' : routingKey}`,
    contentType,
    headers && `headers ${JSON.stringify(headers)}`,
    isBase64 ? 'base64' : undefined,
    `${bytes.toLocaleString('en')} bytes${isCut ? ', the beginning is shown' : ''}`,
  ];
  return (
    <article className={classes.forward} aria-label={`To ${output}`}>
      <header>
        → <strong>{output}</strong> <span className={classes.facts}>{facts.filter(Boolean).join(' · ')}</span>
      </header>
      <pre className={classes.text}>{body}</pre>
    </article>
  );
}
