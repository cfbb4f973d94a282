import { SegmentedControl } from '@mantine/core';
import { formatBytes } from '@renderer/live/format';
import type { Body } from '@shared/traffic/event';
import { useState } from 'react';
import { type BodyView, bodyBytes, renderBody, viewsOf } from './body-text';
import { CopyText } from './CopyText';
import { JsonText } from './JsonText';
import classes from './MessageView.module.css';

const LABELS: Record<BodyView, string> = { json: 'JSON', text: 'Text', hex: 'Hex' };

/** A body as JSON, text or hex, with its size, whatever was kept of it. */
export function BodySection({ body, sizeBytes }: { body: Body | undefined; sizeBytes: number }) {
  const views = body ? viewsOf(body) : [];
  const [chosen, setChosen] = useState(views[0] ?? 'text');
  const text = body ? renderBody(body, chosen) : '';
  return (
    <div className={classes.section}>
      <div className={classes.sectionHead}>
        <h3>Body</h3>
        <span className={classes.remark}>{describeSize(body, sizeBytes)}</span>
        {views.length > 1 && (
          <SegmentedControl
            aria-label="Body as"
            value={chosen}
            onChange={(value) => setChosen(value as BodyView)}
            data={views.map((view) => ({ value: view, label: LABELS[view] }))}
          />
        )}
        {text !== '' && <CopyText text={text} label="Copy body" />}
      </div>
      {text === '' ? (
        <p className={classes.remark}>{whyEmpty(body, sizeBytes)}</p>
      ) : (
        <pre className={classes.body} data-wrap={chosen !== 'hex' || undefined}>
          {chosen === 'json' ? <JsonText text={text} /> : text}
        </pre>
      )}
    </div>
  );
}

function describeSize(body: Body | undefined, sizeBytes: number): string {
  if (!body || body.format === 'masked' || !body.cut) return formatBytes(sizeBytes);
  return `first ${formatBytes(bodyBytes(body).length)} of ${formatBytes(sizeBytes)}`;
}

function whyEmpty(body: Body | undefined, sizeBytes: number): string {
  if (body?.format === 'masked') return 'Bodies are masked in this environment, because it is protected.';
  if (sizeBytes === 0) return 'The message has no body.';
  return body ? 'The message has no body.' : 'The body was not sampled.';
}
