/** How a method is drawn everywhere on the page. Not by colour alone: lines are dashed and points have shapes. */
export interface MethodStyle {
  /** A colour of the page's style, which has one for light and one for dark. */
  readonly color: string;
  readonly dash: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond2' | 'star' | 'wye';
}

/** The page's style has `--method-0` and so on. */
export const COLORS = 8;
const DASHES = ['none', '7 3', '2 2', '9 3 2 3'] as const;
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond2', 'star', 'wye'] as const;

/** The style of the method at this place; no two of the first 24 are alike. */
export function methodStyle(place: number): MethodStyle {
  return {
    color: `var(--method-${place % COLORS})`,
    dash: DASHES[(place + Math.floor(place / COLORS)) % DASHES.length] as string,
    symbol: SYMBOLS[place % SYMBOLS.length] as MethodStyle['symbol'],
  };
}
