import { memo } from 'react';
import { useStore } from 'zustand';
import { metricsStore } from './live-store';
import { HISTORY_SECONDS } from './metrics';
import classes from './NodeMetrics.module.css';

const WIDTH = 40;
const HEIGHT = 22;

/** SVG path of a series, right-aligned: the newest value is at the right edge, gaps stay gaps. Empty when there is nothing to draw. */
export function sparkPath(values: readonly (number | null)[], width = WIDTH, height = HEIGHT): string {
  const highest = Math.max(...values.map((value) => value ?? 0));
  if (highest <= 0) return '';
  const step = width / (HISTORY_SECONDS - 1);
  const left = width - (values.length - 1) * step;
  let isPenDown = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isPenDown = false;
        return '';
      }
      const command = isPenDown ? 'L' : 'M';
      isPenDown = true;
      const y = height - 1 - (value / highest) * (height - 3);
      return `${command}${(left + index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** The last minute of a node's main number, without axes: only the shape is meant. */
export const Sparkline = memo(function Sparkline({ nodeId }: { nodeId: string }) {
  const values = useStore(metricsStore, ({ series }) => series[nodeId]?.values);
  const path = values ? sparkPath(values) : '';
  return (
    <svg className={classes.spark} width={WIDTH} height={HEIGHT} aria-hidden>
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} className={classes.sparkBase} />
      <path d={path} fill="none" stroke="currentColor" strokeWidth={1.25} strokeLinejoin="round" />
    </svg>
  );
});
