import type { Json } from '@shared/flow/schema';
import { CopyText } from './CopyText';
import classes from './MessageView.module.css';

/** A value in one line: strings as they are, the rest as JSON. */
function formatValue(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, typeof value === 'object' ? 1 : undefined);
}

/** The type as AMQP tables know it, as far as it can be told. */
function typeOf(value: Json): string {
  if (value === null) return 'void';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object') {
    const typed = value['$type'];
    return typeof typed === 'string' ? typed : 'table';
  }
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** Typed arguments carry their value inside. */
function plainValue(value: Json): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['$type'] === 'string') {
    return value['value'] ?? null;
  }
  return value;
}

interface FactTableProps {
  title?: string;
  facts: Record<string, Json>;
  /** Headers are typed, and matching is type-strict. */
  showTypes?: boolean;
}

/** Names and values; each value can be selected and copied. */
export function FactTable({ title, facts, showTypes = false }: FactTableProps) {
  return (
    <div className={classes.section}>
      {title && (
        <div className={classes.sectionHead}>
          <h3>{title}</h3>
          <CopyText text={JSON.stringify(facts, null, 2)} label={`Copy ${title.toLowerCase()}`} />
        </div>
      )}
      <dl className={classes.facts}>
        {Object.entries(facts).map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt title={name}>{name}</dt>
            <dd className="selectable">{formatValue(plainValue(value))}</dd>
            {showTypes && <span className={classes.type}>{typeOf(value)}</span>}
          </div>
        ))}
      </dl>
    </div>
  );
}
