import { formatDelay } from '@renderer/live/format';
import { type AttemptTime, attemptTimes, retryPolicySchema } from '@shared/kinds/common/retry';
import classes from './AttemptsChart.module.css';
import { useForm } from './form-target';

const WIDTH = 264;
const HEIGHT = 84;
/** Room for dots, and for the numbers on them. */
const EDGE = { left: 10, right: 10, top: 14, bottom: 8 };
/** More numbers would run into each other. */
const MAX_NUMBERED = 8;

/** When the attempts of a retry policy come if all fail, drawn and in words; jitter as bands. */
export function AttemptsChart({ path }: { path: readonly string[] }) {
  const form = useForm();
  const policy = retryPolicySchema.safeParse(form.read(path)).data;
  if (!policy || form.isMixed(path)) return null;
  const times = attemptTimes(policy);
  const words = describeTimes(times);
  const last = times.at(-1);
  const x = (ms: number) => EDGE.left + (ms / (last?.latestMs || 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (attempt: number) =>
    HEIGHT - EDGE.bottom - ((attempt - 1) / Math.max(1, times.length - 1)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const line = times.map(
    ({ attempt, atMs }, index) =>
      `${index === 0 ? 'M' : 'H'}${x(atMs)}${index === 0 ? ` ${y(attempt)}` : `V${y(attempt)}`}`,
  );
  return (
    <>
      <svg className={classes.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <path d={`M0 ${HEIGHT - EDGE.bottom}H${WIDTH}`} className={classes.base} />
        {times.map(({ attempt, earliestMs, latestMs }) => (
          <rect
            key={attempt}
            className={classes.band}
            x={x(earliestMs)}
            width={x(latestMs) - x(earliestMs)}
            y={y(attempt) - 4}
            height={8}
            rx={4}
          />
        ))}
        <path d={line.join('')} className={classes.line} />
        {times.map(({ attempt, atMs }) => (
          <g key={attempt}>
            <circle
              cx={x(atMs)}
              cy={y(attempt)}
              r={3.5}
              className={classes.dot}
              data-last={attempt === times.length || undefined}
            />
            {times.length <= MAX_NUMBERED && (
              <text x={x(atMs)} y={y(attempt) - 7} className={classes.number}>
                {attempt}
              </text>
            )}
          </g>
        ))}
      </svg>
      <p className={classes.words}>{words}</p>
    </>
  );
}

/** `Tried again 2 s and 6 s after the first failure. A message that always fails is dead-lettered after 6 s, …`. */
function describeTimes(times: readonly AttemptTime[]): string {
  const last = times.at(-1);
  if (!last) return '';
  const { earliestMs, latestMs, atMs } = last;
  const isSpread = earliestMs < latestMs;
  const later = times.slice(1, -1).map((time) => formatDelay(time.atMs));
  const some = later.length > MAX_NUMBERED ? [...later.slice(0, 4), '…'] : later;
  const all = [...(some.length > 0 ? [some.join(', ')] : []), formatDelay(atMs)].join(' and ');
  const total = isSpread ? `between ${formatDelay(earliestMs)} and ${formatDelay(latestMs)}` : formatDelay(atMs);
  return `Tried again ${isSpread ? 'about ' : ''}${all} after the first failure. A message that always fails is dead-lettered after ${total}, plus the time that handling takes.`;
}
