/** Tensors of a golden file that are made alike, and therefore err alike. */
export interface Group {
  readonly name: string;
  /** What the names of its tensors start with. */
  readonly prefixes: readonly string[];
  /** The largest relative L2 error of a tensor that float32 is allowed. */
  readonly float32: number;
}

/**
 * Everything that a meta-step and its fusion updates compute. float32 rounds at 6e-8. The worst errors seen, on two
 * engines and two sizes of network, and why the tolerances are what they are:
 * - forward passes err by 1e-7;
 * - derivatives add up terms that nearly cancel: 4e-6;
 * - a parameter after a plain step errs by its own rounding, 6e-8, for the step is small beside it;
 * - Adam divides each entry of a gradient by its own size. A float32 gradient errs by about 1e-9 in every entry, so one
 *   that is as small takes a full step in a direction that the noise decides. And parameters off by that much can put a
 *   pixel on the other side of a kink (the losses' abs and maximum, LeakyReLU), which moves the next gradient by 1e-5 at
 *   once. The entries concerned are wrong by up to the learning rate, but they are few: up to 7e-5 of a tensor's norm.
 */
export const GROUPS: readonly Group[] = [
  {
    name: 'forward',
    prefixes: [
      'mtr.sobel.',
      'inner.fused',
      'inner.W',
      'inner.V',
      'inner.fusion_loss',
      'inner.reconstruction_loss',
      'outer.fused',
      'outer.recon.',
      'outer.reconstruction_loss',
    ],
    float32: 1e-5,
  },
  { name: 'inner gradients', prefixes: ['inner.grad.'], float32: 1e-4 },
  { name: 'updated parameters', prefixes: ['inner.updated.'], float32: 1e-5 },
  { name: 'outer gradients', prefixes: ['outer.grad.'], float32: 1e-4 },
  { name: 'directional derivative', prefixes: ['outer.jvp.'], float32: 1e-4 },
  { name: 'hypergradient', prefixes: ['outer.hypergrad.'], float32: 1e-4 },
  { name: 'fusion update', prefixes: ['fusion_update.'], float32: 1e-4 },
];

/** float64 rounds at 1e-16, and what Adam makes of it stays far below this. */
const FLOAT64 = 1e-9;

/** The largest relative L2 error of a tensor that an engine, by its name, is allowed. */
export function toleranceOf(group: Group, engine: string): number {
  return engine === 'reference' ? FLOAT64 : group.float32;
}

/** Whether a tensor belongs to a group. */
export function isIn(group: Group, name: string): boolean {
  return group.prefixes.some((prefix) => name.startsWith(prefix));
}
