import { type None, OPERATIONS, type Operation, type Tensor } from '@refusion/autodiff';

/**
 * Pixels times a matrix of their sample: `(x [B,H,W,I], matrices [B,I,O]) -> [B,H,W,O]`. An operation of its own so that
 * an image stays one.
 */
export const mix: Operation<readonly [x: Tensor, matrices: Tensor], None> = {
  name: 'mix',
  define: (ops, [x, matrices]) => {
    const [b, h, w, c] = x.shape as [number, number, number, number];
    const product = ops.matMul(ops.reshape(x, [b, h * w, c]), matrices);
    return ops.reshape(product, [b, h, w, matrices.shape[2] as number]);
  },
};

/** The second where the first is above zero, else the third, all of one shape but for broadcasting to the first's. */
export const choose: Operation<readonly [x: Tensor, above: Tensor, below: Tensor], None> = {
  name: 'choose',
  define: (ops, [x, above, below]) => {
    const positive = ops.maximum(ops.sign(x), 0);
    return ops.add(ops.mul(positive, above), ops.mul(ops.sub(1, positive), below));
  },
};

export interface AffineAttrs {
  readonly factor: number;
  readonly offset: number;
}

/** `factor x + offset`, in one pass over an image. */
export const affine: Operation<readonly [x: Tensor], AffineAttrs> = {
  name: 'affine',
  define: (ops, [x], { factor, offset }) => ops.add(ops.mul(x, factor), offset),
};

const BY_NAME = new Map<string, Operation>(
  [
    ...OPERATIONS,
    mix as unknown as Operation,
    choose as unknown as Operation,
    affine as unknown as Operation,
  ].map((operation) => [operation.name, operation]),
);

/** An operation that graphs have nodes of. */
export function operationNamed(name: string): Operation {
  const operation = BY_NAME.get(name);
  if (!operation) throw new TypeError(`onnx: there is no operation "${name}"`);
  return operation;
}
