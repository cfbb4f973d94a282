import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useStoreApi } from 'reactflow';
import { createDrawnLines } from './drawn-lines';
import { failingShare, flowReading } from './LinkMetrics';
import classes from './LiveOverlay.module.css';
import { metricsStore } from './live-store';
import { createOverlayPainter, type LinkFlow } from './overlay-painter';

/** Pictures a second: a dot that moves this slowly looks the same at sixty. */
const PICTURES_PER_SECOND = 30;

/** Links along which something flows now. */
function readFlows(): Map<string, LinkFlow> {
  const flows = new Map<string, LinkFlow>();
  for (const [id, readings] of Object.entries(metricsStore.getState().links)) {
    const ratePerSecond = flowReading(readings)?.reading.ratePerSecond ?? 0;
    if (ratePerSecond > 0) flows.set(id, { ratePerSecond, failingShare: failingShare(readings) });
  }
  return flows;
}

/**
 * Traffic drawn over the links on one canvas; a child of React Flow. Dots encode rate. With reduced motion, thickness does.
 * While nothing flows nothing is drawn and no frame is asked for.
 */
export function LiveOverlay() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const flowView = useStoreApi();
  const isStill = useReducedMotion();

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const lines = createDrawnLines(() => element.closest('.react-flow'));
    let flows = readFlows();
    let colors = readColors(element);
    let request = 0;
    let paintedAt = 0;

    const painter = createOverlayPainter({
      flows: () => flows,
      line: lines.line,
      colors: () => colors,
      view: () => {
        const [x, y, zoom] = flowView.getState().transform;
        return { x, y, zoom, width: element.clientWidth, height: element.clientHeight };
      },
    });

    const paintMoving = (nowMs: number) => {
      request = requestAnimationFrame(paintMoving);
      if (nowMs - paintedAt < 1000 / PICTURES_PER_SECOND - 4) return;
      paintedAt = nowMs;
      if (painter.paint(context, nowMs)) return;
      cancelAnimationFrame(request);
      request = 0;
    };
    const paintStill = () => {
      request = 0;
      painter.paintStill(context);
    };
    const wake = () => {
      if (request === 0) request = requestAnimationFrame(isStill ? paintStill : paintMoving);
    };
    const fit = () => {
      const scale = window.devicePixelRatio || 1;
      element.width = Math.round(element.clientWidth * scale);
      element.height = Math.round(element.clientHeight * scale);
      context.setTransform(scale, 0, 0, scale, 0, 0);
      if (flows.size > 0) wake();
    };

    const size = new ResizeObserver(fit);
    size.observe(element);
    const scheme = new MutationObserver(() => {
      colors = readColors(element);
    });
    scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
    const stopMetrics = metricsStore.subscribe(() => {
      const before = flows.size;
      flows = readFlows();
      if (flows.size > 0 || before > 0) wake();
    });
    // Moving dots follow the view by themselves; a still picture is drawn again when the view moves.
    const stopView = isStill ? flowView.subscribe(() => flows.size > 0 && wake()) : () => undefined;
    if (flows.size > 0) wake();
    return () => {
      cancelAnimationFrame(request);
      size.disconnect();
      scheme.disconnect();
      stopMetrics();
      stopView();
    };
  }, [flowView, isStill]);

  return <canvas ref={canvas} className={classes.overlay} aria-hidden data-testid="live-overlay" />;
}

function readColors(element: Element): { flow: string; failure: string } {
  const style = getComputedStyle(element);
  return { flow: style.getPropertyValue('--tl-accent'), failure: style.getPropertyValue('--tl-error') };
}
