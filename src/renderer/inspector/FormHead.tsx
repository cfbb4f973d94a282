import { KindIcon } from '@renderer/kinds/icons';
import { SeverityIcon } from '@renderer/problems/SeverityIcon';
import type { Problem } from '@shared/flow/problem';
import type { ReactNode } from 'react';
import classes from './FormHead.module.css';

interface Props {
  icon: string;
  color: string;
  noun: string;
  name: string;
  /** Buttons below the name. */
  actions?: ReactNode;
  /** Problems that no field of the form shows. */
  problems?: readonly Problem[];
}

/** Head of an inspector form: what is being edited, what can be done with it, and what is wrong with it as a whole. */
export function FormHead({ icon, color, noun, name, actions, problems = [] }: Props) {
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <span className={classes.icon} style={{ '--kind': color }}>
          <KindIcon name={icon} size={17} />
        </span>
        <div className={classes.texts}>
          <span className={classes.noun}>{noun}</span>
          <h2 className={classes.name} title={name}>
            {name || 'unnamed'}
          </h2>
        </div>
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
      {problems.length > 0 && (
        <ul className={classes.problems}>
          {problems.map(({ code, severity, message, docsUrl }) => (
            <li key={`${code}:${message}`} data-severity={severity}>
              <SeverityIcon severity={severity} size={14} />
              <span>
                {message}{' '}
                {docsUrl && (
                  <a href={docsUrl} target="_blank" rel="noreferrer">
                    Read more
                  </a>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </header>
  );
}
