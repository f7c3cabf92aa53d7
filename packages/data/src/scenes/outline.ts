/** Left, top, right, bottom. */
export type Bounds = readonly [left: number, top: number, right: number, bottom: number];

/**
 * A filled shape by its signed distance, negative inside (exact, or close to it near the edge). x runs to the right, y
 * down.
 */
export interface Outline {
  /** Outside this box nothing of the shape is seen. */
  readonly bounds: Bounds;
  distance(x: number, y: number): number;
}

export function ellipse(cx: number, cy: number, rx: number, ry: number): Outline {
  return {
    bounds: [cx - rx, cy - ry, cx + rx, cy + ry],
    distance: (x, y) => {
      const u = (x - cx) / rx;
      const v = (y - cy) / ry;
      const radius = length(u, v);
      // The first-order distance: the implicit function over the length of its gradient.
      const slope = length(u / rx, v / ry);
      return slope === 0 ? -Math.min(rx, ry) : (radius * (radius - 1)) / slope;
    },
  };
}

// Math.hypot guards against overflow, and is many times slower.
function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** An upright rectangle, its corners rounded by `round`. */
export function box([left, top, right, bottom]: Bounds, round = 0): Outline {
  const cx = (left + right) / 2;
  const cy = (top + bottom) / 2;
  return {
    bounds: [left, top, right, bottom],
    distance: (x, y) => {
      const dx = Math.abs(x - cx) - (right - cx) + round;
      const dy = Math.abs(y - cy) - (bottom - cy) + round;
      return length(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - round;
    },
  };
}

/** A straight stroke with round ends. */
export function stroke(x0: number, y0: number, x1: number, y1: number, radius: number): Outline {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squared = dx * dx + dy * dy || 1;
  return {
    bounds: [
      Math.min(x0, x1) - radius,
      Math.min(y0, y1) - radius,
      Math.max(x0, x1) + radius,
      Math.max(y0, y1) + radius,
    ],
    distance: (x, y) => {
      const along = ((x - x0) * dx + (y - y0) * dy) / squared;
      const t = Math.min(Math.max(along, 0), 1);
      return length(x - x0 - t * dx, y - y0 - t * dy) - radius;
    },
  };
}

/** A convex polygon, its corners in clockwise order as seen in the picture. */
export function convex(corners: readonly (readonly [x: number, y: number])[]): Outline {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const edges = corners.map(([x0, y0], i) => {
    const [x1, y1] = corners[(i + 1) % corners.length] ?? [x0, y0];
    const side = length(x1 - x0, y1 - y0);
    return { x0, y0, nx: (y1 - y0) / side, ny: (x0 - x1) / side };
  });
  return {
    bounds: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    distance: (x, y) => Math.max(...edges.map(({ x0, y0, nx, ny }) => (x - x0) * nx + (y - y0) * ny)),
  };
}

/** Everything below a curve `y = curve(x)` that nowhere rises above `top`, down to `bottom`. */
export function below(curve: (x: number) => number, top: number, bottom: number): Outline {
  return {
    bounds: [Number.NEGATIVE_INFINITY, top, Number.POSITIVE_INFINITY, bottom],
    distance: (x, y) => Math.max(curve(x) - y, y - bottom),
  };
}

/** Everything between two heights. */
export function band(top: number, bottom: number): Outline {
  return below(() => top, top, bottom);
}

/** All that lies in at least one of the outlines. */
export function union(...outlines: readonly Outline[]): Outline {
  const bounds = outlines.map((outline) => outline.bounds);
  return {
    bounds: [
      Math.min(...bounds.map(([left]) => left)),
      Math.min(...bounds.map(([, top]) => top)),
      Math.max(...bounds.map(([, , right]) => right)),
      Math.max(...bounds.map(([, , , bottom]) => bottom)),
    ],
    distance: (x, y) => {
      let nearest = Number.POSITIVE_INFINITY;
      for (const outline of outlines) nearest = Math.min(nearest, outline.distance(x, y));
      return nearest;
    },
  };
}

/** The outline with an uneven edge, moved outwards by up to `reach`. */
export function frayed(outline: Outline, reach: number, by: (x: number, y: number) => number): Outline {
  const [left, top, right, bottom] = outline.bounds;
  return {
    bounds: [left - reach, top - reach, right + reach, bottom + reach],
    distance: (x, y) => outline.distance(x, y) - reach * by(x, y),
  };
}
