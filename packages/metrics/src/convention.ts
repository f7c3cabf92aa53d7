import { expectOneOf } from '@refusion/core';

/** The names of the conventions, the default first. */
export const CONVENTIONS = ['evaluator', 'matlab', 'standard'] as const;

/**
 * A named set of definitions. `evaluator`: the Python Evaluator of CDDFuse, TDFusion and ReFusion. `matlab`: the MATLAB
 * toolbox that most other papers use. `standard`: the papers that proposed the metrics, with a data range of 255.
 */
export type Convention = (typeof CONVENTIONS)[number];

/**
 * What a convention has in a record of definitions.
 * @throws OptionError for a convention that does not exist
 */
export function inConvention<V>(
  where: string,
  convention: Convention,
  definitions: Readonly<Record<Convention, V>>,
): V {
  expectOneOf(where, 'convention', convention, CONVENTIONS);
  return definitions[convention];
}
