// What is timed, in Node and in a page alike: the gradient of a loss of the fusion network in its parameters.
import { type Ops, vjp } from '@refusion/autodiff';
import { mapParams, rng } from '@refusion/core';
import { fusionNetwork } from '@refusion/networks';
import { type EngineOptions, loadEngine } from '@refusion/tf';

export interface Work {
  readonly batch: number;
  readonly size: number;
  readonly runs: number;
}

/**
 * Milliseconds of a forward and a backward pass through the fusion network at full size, with our kernels and with
 * TensorFlow.js's alone, one after the other in every round, after one round that is not counted.
 */
export async function measure(
  work: Work,
  options: EngineOptions,
): Promise<{ own: number[]; stock: number[] }> {
  const own = await gradientOn(work, { ...options, kernels: 'own' });
  const stock = await gradientOn(work, { ...options, kernels: 'stock' });
  const times = { own: [] as number[], stock: [] as number[] };
  for (let run = 0; run <= work.runs; run++) {
    const round = { own: await timed(own), stock: await timed(stock) };
    if (run === 0) continue;
    times.own.push(round.own);
    times.stock.push(round.stock);
  }
  return times;
}

async function gradientOn({ batch, size }: Work, options: EngineOptions): Promise<() => Promise<void>> {
  const { ops, kernels, remark, read, release } = await loadEngine('wasm', options);
  if (kernels !== options.kernels) throw new Error(remark);
  const random = rng(0);
  const network = fusionNetwork();
  const params = mapParams(({ data, shape }) => ops.constant(data, shape), network.init(random));
  const pixels = () => Float32Array.from({ length: batch * size ** 2 }, () => random.uniform());
  const [a, b] = [0, 1].map(() => ops.constant(pixels(), [batch, size, size, 1])) as [never, never];
  const loss = (o: Ops, p: typeof params) => o.mean(o.square(network.apply(o, p, a, b)));
  return async () => {
    const gradients = ops.scope(() => vjp(ops, loss, params).pullback([ops.scalar(1)]));
    for (const gradient of Object.values(gradients)) await read(gradient);
    release(gradients);
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
