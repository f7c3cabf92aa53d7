/** Stands beside a metric's name: whether more of it is better, or less. */
export const ARROWS = { higher: '↑', lower: '↓' } as const;
