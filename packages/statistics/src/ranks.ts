/**
 * The rank of each value, 1 for the least; equal values share the mean of their ranks.
 * @example
 * averageRanks([0.5, 0.1, 0.5]); // [2.5, 1, 2.5]
 */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => (values[i] as number) - (values[j] as number));
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    // Ranks start + 1 to end.
    for (const index of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
