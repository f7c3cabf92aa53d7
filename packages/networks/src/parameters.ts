import type { Tensor } from '@refusion/autodiff';
import {
  type NdArray,
  type Params,
  type Rng,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '@refusion/core';

/** How a parameter starts: a convolution's spread follows from its filter, the others are one number everywhere. */
export type Start = 'filter' | number;

/** A network's parameters: the shape and the start of each, by name, in the order of the authors' files. */
export type ParameterSpecs = { readonly [name: string]: { readonly shape: Shape; readonly start: Start } };

/** Specs whose names get a prefix. */
export function prefixed(prefix: string, specs: ParameterSpecs): ParameterSpecs {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [`${prefix}.${name}`, spec]));
}

/** A filter `[O, I, k, k]`; `I` is 1 for a depthwise one. */
export function filter(name: string, out: number, into: number, side: number): ParameterSpecs {
  return { [`${name}.weight`]: { shape: [out, into, side, side], start: 'filter' } };
}

/**
 * Fresh parameters. Filters are uniform in +-1/sqrt(fan-in), PyTorch's default for convolutions, which the authors
 * keep.
 */
export function initialise(specs: ParameterSpecs, rng: Rng): Params<NdArray<Float32Array>> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { shape, start }]) => {
      const data = new Float32Array(sizeOf(shape));
      if (start === 'filter') {
        const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
        for (let i = 0; i < data.length; i++) data[i] = (2 * rng.uniform() - 1) * bound;
      } else {
        data.fill(start);
      }
      return [name, { data, shape }];
    }),
  );
}

/** @throws ShapeError if parameters are missing, of another shape, or unknown to the network; names the first. */
export function expectParameters(
  where: string,
  specs: ParameterSpecs,
  params: { readonly [name: string]: { readonly shape: Shape } },
): void {
  for (const [name, { shape }] of Object.entries(specs)) {
    const given = Object.hasOwn(params, name) ? params[name] : undefined;
    if (!given) throw new ShapeError(`${where}: the parameter "${name}" is missing`);
    if (!sameShape(given.shape, shape)) {
      throw new ShapeError(`${where}: "${name}" must have the shape [${shape}], got [${given.shape}]`);
    }
  }
  const unknown = Object.keys(params).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined)
    throw new ShapeError(`${where}: the parameter ${JSON.stringify(unknown)} is not part of this network`);
}

/** @throws ShapeError if there is no parameter of this name */
export function parameter(params: Params<Tensor>, name: string): Tensor {
  const value = params[name];
  if (!value) throw new ShapeError(`networks: the parameter "${name}" is missing`);
  return value;
}
