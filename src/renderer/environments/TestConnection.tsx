import { Button } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { readFailure } from '@renderer/engine/failure';
import type { Connection, ConnectionReport } from '@shared/api/environment';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconPlugConnected } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import classes from './EnvironmentEditor.module.css';

interface TestConnectionProps {
  kind: string;
  broker: string;
  environment: string;
  connection: Connection;
  /** As typed; undefined: the one kept by the host. */
  secret: string | undefined;
  /** Why it cannot be tried. */
  problem: string | undefined;
}

/** Tries the connection as it is typed, saved or not, and says what came of it: AMQP and management apart. */
export function TestConnection({ kind, broker, environment, connection, secret, problem }: TestConnectionProps) {
  const [report, setReport] = useState<ConnectionReport | null>(null);
  const [isTesting, setTesting] = useState(false);
  const attemptId = useRef(0);
  const what = JSON.stringify([connection, secret]);
  const answerBox = useRef<HTMLDivElement>(null);
  // The dialog scrolls, and the answer is its last line.
  useEffect(() => {
    if (report) answerBox.current?.scrollIntoView({ block: 'nearest' });
  }, [report]);

  // An answer is about what was typed then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: forgets the answer when anything it was about changes
  useEffect(() => {
    attemptId.current += 1;
    setReport(null);
    setTesting(false);
  }, [what]);

  const test = async () => {
    const id = ++attemptId.current;
    setTesting(true);
    setReport(null);
    const answer = await engine.environments
      .test({ kind, connection, secret, environment, broker })
      .catch((error: unknown): ConnectionReport => {
        const { message, hint } = readFailure(error);
        return { ok: false, message, hint, management: { ok: false, message: 'not tried' } };
      });
    if (id !== attemptId.current) return;
    setReport(answer);
    setTesting(false);
  };

  return (
    <div className={classes.test}>
      <Button
        variant="default"
        leftSection={<IconPlugConnected size={14} />}
        loading={isTesting}
        disabled={connection.url.trim() === '' || problem !== undefined}
        onClick={test}
      >
        Test connection
      </Button>
      <div ref={answerBox} className={classes.report} role="status" aria-live="polite">
        {report && <Report report={report} />}
      </div>
    </div>
  );
}

function Report({ report }: { report: ConnectionReport }) {
  const { ok, message, hint, version, clusterName, latencyMs, management } = report;
  const facts = [
    version,
    clusterName,
    latencyMs === undefined ? undefined : `answered in ${Math.max(1, Math.round(latencyMs))} ms`,
  ].filter((fact) => fact !== undefined);
  return (
    <>
      <div className={classes.line} data-tone={ok ? 'ok' : 'error'}>
        {ok ? <IconCircleCheck size={16} aria-label="works" /> : <IconCircleX size={16} aria-label="does not work" />}
        <span className="selectable">
          {message}
          {facts.length > 0 && <span className={classes.facts}> {facts.join(' · ')}</span>}
          {hint && <span className={classes.hint}>{hint}</span>}
        </span>
      </div>
      {ok && (
        <div className={classes.line} data-tone={management.ok ? 'ok' : 'warning'}>
          {management.ok ? (
            <IconCircleCheck size={16} aria-label="works" />
          ) : (
            <IconAlertTriangle size={16} aria-label="does not work" />
          )}
          <span className="selectable">Management: {management.message}</span>
        </div>
      )}
    </>
  );
}
