import { SeverityIcon } from '@renderer/problems/SeverityIcon';
import type { Problem } from '@shared/flow/problem';
import type { Field } from '@shared/kinds/descriptor';
import { type ReactNode, useId } from 'react';
import classes from './FieldFrame.module.css';
import { FieldHelp } from './FieldHelp';

/** What a control needs to be named and described. */
export interface FieldLabels {
  id: string;
  'aria-label': string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface Props {
  field: Field;
  /** From the record on, for jumps from problems. */
  path: readonly string[];
  problems: readonly Problem[];
  children: (labels: FieldLabels) => ReactNode;
}

/** Label, help and problems around a control. Switches stand beside their label, everything else below it. */
export function FieldFrame({ field, path, problems, children }: Props) {
  const id = useId();
  const { label, help, docsUrl, control } = field;
  const describedBy = [help ? `${id}-help` : '', problems.length > 0 ? `${id}-problems` : ''].filter(Boolean).join(' ');
  return (
    <div
      className={classes.frame}
      data-control={control}
      data-field={path.join('.')}
      data-severity={problems[0]?.severity}
      tabIndex={-1}
    >
      <div className={classes.label}>
        <label htmlFor={id}>{label}</label>
        {help && (
          <FieldHelp label={label} docsUrl={docsUrl}>
            {help}
          </FieldHelp>
        )}
        {help && (
          <span id={`${id}-help`} className="visually-hidden">
            {help}
          </span>
        )}
      </div>
      <div className={classes.control}>
        {children({
          id,
          'aria-label': label,
          'aria-describedby': describedBy || undefined,
          'aria-invalid': problems.some(({ severity }) => severity === 'error') || undefined,
        })}
      </div>
      {problems.length > 0 && (
        <ul id={`${id}-problems`} className={classes.problems}>
          {problems.map(({ code, severity, message, docsUrl: url }) => (
            <li key={`${code}:${message}`} data-severity={severity}>
              <SeverityIcon severity={severity} size={13} />
              <span>
                {message}{' '}
                {url && (
                  <a href={url} target="_blank" rel="noreferrer">
                    Read more
                  </a>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
