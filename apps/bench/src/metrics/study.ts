import type { NamedPath } from '@refusion/cli';
import type { Convention, MetricId } from '@refusion/metrics';

/** What is to be scored. */
export interface Study {
  readonly convention: Convention;
  /** In the order of tables, none twice. */
  readonly metrics: readonly MetricId[];
  /** Whether methods that lack pictures are scored over the pairs that all have, in place of being left out. */
  readonly common: boolean;
  readonly dataSets: readonly DataSet[];
}

/** The pictures of one data set: folders, or files of one pair. */
export interface DataSet {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  /** What fusion should have given, where it is known. */
  readonly truth?: string | undefined;
  /** The methods' fused pictures. */
  readonly methods: readonly NamedPath[];
  /** What readers of its scores must know already: a sentence each. */
  readonly notes?: readonly string[];
}
