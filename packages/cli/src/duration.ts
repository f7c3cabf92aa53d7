/** A time for people: `12 s`, `3 min 10 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A speed for people: `12/s`, `3.2/s`, or, below one a second, `4.5/min`. */
export function formatRate(perSecond: number): string {
  if (perSecond < 1) return `${(60 * perSecond).toFixed(1)}/min`;
  return `${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
}
