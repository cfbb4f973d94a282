import type { CounterName } from '@shared/traffic/counter';
import { useStore } from 'zustand';
import { describeCounter, SHORT_NAMES, SOURCE_NAMES } from './describe-counter';
import { completenessMark, formatExact, formatRate, spokenMark } from './format';
import classes from './LiveNumbers.module.css';
import { metricsStore, readCounter, useLive } from './live-store';
import type { Reading } from './metrics';

/** Every live number of a node or link, each with its rate and how it is known; nothing while nothing is watched. */
export function LiveNumbers({ type, id }: { type: 'node' | 'link'; id: string }) {
  const readings = useStore(metricsStore, ({ nodes, links }) => (type === 'node' ? nodes : links)[id]);
  const isLive = useLive(({ watch, running }) => watch !== 'off' || running);
  const rows = Object.entries(readings ?? {}) as [CounterName, Reading][];
  if (!isLive || rows.length === 0) return null;
  return (
    <section className={classes.section}>
      <h3 className={classes.heading}>Live</h3>
      <table className={classes.table}>
        <thead className="visually-hidden">
          <tr>
            {['What', 'Number', 'Rate', 'How it is known'].map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, reading]) => (
            <Row key={name} id={id} name={name} reading={reading} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ id, name, reading }: { id: string; name: CounterName; reading: Reading }) {
  const { value, completeness, source, ratePerSecond } = reading;
  const counter = readCounter(id, name);
  return (
    <tr title={counter && describeCounter(name, counter, ratePerSecond, Date.now())}>
      <th scope="row">{SHORT_NAMES[name]}</th>
      <td className={classes.number}>
        <span aria-hidden>{completenessMark(completeness, source)}</span>
        <span className="visually-hidden">{spokenMark(completeness, source)}</span>
        {value === null ? '' : formatExact(value)}
      </td>
      <td className={classes.number}>{ratePerSecond === null ? '' : formatRate(ratePerSecond)}</td>
      <td className={classes.source}>{SOURCE_NAMES[source]}</td>
    </tr>
  );
}
