import type { Link } from '@refusion/networks';

/** One walk over all strips of a picture. */
export interface Pass {
  /** The last link that it applies. */
  readonly to: number;
  /** Whether it gathers the sums of the link after that; the last pass gives the fused rows instead. */
  readonly sums: boolean;
  /** The link whose output an earlier pass may have kept; -1 where none is worth keeping. */
  readonly kept: number;
}

/**
 * The passes that a chain needs: one before each link with attention, and the last. The first link's output is not
 * kept: it is made of the sources faster than it is stored.
 */
export function passesOf(chain: readonly Link[]): readonly Pass[] {
  const gathering = chain.flatMap(({ attention }, i) => (attention ? [i - 1] : []));
  return [...gathering, chain.length - 1].map((to, i) => {
    const before = gathering[i - 1] ?? -1;
    return { to, sums: to < chain.length - 1, kept: before > 0 ? before : -1 };
  });
}

/** The rows that a strip needs above and below those that it gives, from the output of link `from` (-1: the sources). */
export function haloOf(chain: readonly Link[], from: number, { to, sums }: Pass): number {
  const applied = chain.slice(from + 1, to + 1);
  return applied.reduce((rows, { halo }) => rows + halo, sums ? 1 : 0);
}
