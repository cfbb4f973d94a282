import { createDotStream, type DotStream, dotRadius, dotsPerSecond } from './dot-stream';
import { isInView, type LineTable, placeOn, type View } from './line-table';

/** What flows along one link. */
export interface LinkFlow {
  ratePerSecond: number;
  /** 0 to 1. */
  failingShare: number;
}

/** What the painter needs to know of the drawing. */
export interface OverlaySource {
  /** Links along which something flows. */
  flows: () => ReadonlyMap<string, LinkFlow>;
  /** The link's line as it is drawn now; undefined when it is not on screen. */
  line: (linkId: string) => LineTable | undefined;
  view: () => View;
  colors: () => { flow: string; failure: string };
}

/** Most dots drawn in one picture; above, every link shows proportionally fewer. */
const MAX_DOTS = 3000;
/** Below this zoom a dot is a square of two pixels. */
const SMALL_ZOOM = 0.45;
/** Opacity and width of a still line (reduced motion), by magnitude of rate. */
const stillWidth = (rate: number) => 2 + Math.min(4, Math.log10(1 + rate) * 1.2);

export interface OverlayPainter {
  /** Draws the next picture; false when nothing moves any more and no further one is needed. */
  paint: (context: CanvasRenderingContext2D, nowMs: number) => boolean;
  /** Draws flow as thickness, without motion. */
  paintStill: (context: CanvasRenderingContext2D) => void;
}

/** Keeps the dots of all links and draws those in view. */
export function createOverlayPainter(source: OverlaySource): OverlayPainter {
  const streams = new Map<string, DotStream>();
  let lastMs: number | undefined;
  let share = 1;

  const streamOf = (id: string) => {
    const known = streams.get(id);
    if (known) return known;
    const stream = createDotStream();
    streams.set(id, stream);
    return stream;
  };

  const drawDot = (context: CanvasRenderingContext2D, x: number, y: number, radius: number, zoom: number) => {
    if (zoom < SMALL_ZOOM) return context.rect(x - 1, y - 1, 2, 2);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, Math.PI * 2);
  };

  return {
    paint(context, nowMs) {
      const seconds = lastMs === undefined ? 0 : (nowMs - lastMs) / 1000;
      lastMs = nowMs;
      const view = source.view();
      const { flow: flowColor, failure } = source.colors();
      const flows = source.flows();
      context.clearRect(0, 0, view.width, view.height);
      let drawn = 0;
      const failing: [number, number, number][] = [];
      context.fillStyle = flowColor;
      context.beginPath();
      for (const id of new Set([...flows.keys(), ...streams.keys()])) {
        const line = source.line(id);
        const stream = streamOf(id);
        if (!line || !isInView(line, view)) {
          stream.clear();
          if (!flows.has(id)) streams.delete(id);
          continue;
        }
        const { ratePerSecond, failingShare } = flows.get(id) ?? { ratePerSecond: 0, failingShare: 0 };
        stream.advance(seconds, { dotsPerSecond: dotsPerSecond(ratePerSecond) * share, failingShare }, line.length);
        if (stream.dots.length === 0 && ratePerSecond === 0) streams.delete(id);
        const radius = Math.max(1.25, dotRadius(ratePerSecond) * view.zoom);
        for (const { distance, isFailing } of stream.dots) {
          const [x, y] = placeOn(line, distance);
          const screenX = x * view.zoom + view.x;
          const screenY = y * view.zoom + view.y;
          drawn += 1;
          if (isFailing) failing.push([screenX, screenY, radius]);
          else drawDot(context, screenX, screenY, radius, view.zoom);
        }
      }
      context.fill();
      context.fillStyle = failure;
      context.beginPath();
      for (const [x, y, radius] of failing) drawDot(context, x, y, radius, view.zoom);
      context.fill();
      if (drawn > MAX_DOTS) share = Math.max(0.02, share * (MAX_DOTS / drawn));
      else if (share < 1 && drawn < MAX_DOTS * 0.7) share = Math.min(1, share * 1.05);
      const isMoving = drawn > 0 || flows.size > 0;
      if (!isMoving) lastMs = undefined;
      return isMoving;
    },
    paintStill(context) {
      const view = source.view();
      const { flow: flowColor, failure } = source.colors();
      context.clearRect(0, 0, view.width, view.height);
      context.lineCap = 'round';
      context.globalAlpha = 0.45;
      for (const [id, { ratePerSecond, failingShare }] of source.flows()) {
        const line = source.line(id);
        if (!line || !isInView(line, view)) continue;
        context.strokeStyle = failingShare >= 0.5 ? failure : flowColor;
        context.lineWidth = stillWidth(ratePerSecond) * view.zoom;
        context.beginPath();
        for (let index = 0; index < line.points.length; index += 2) {
          const x = (line.points[index] ?? 0) * view.zoom + view.x;
          const y = (line.points[index + 1] ?? 0) * view.zoom + view.y;
          if (index === 0) context.moveTo(x, y);
          else context.lineTo(x, y);
        }
        context.stroke();
      }
      context.globalAlpha = 1;
    },
  };
}
