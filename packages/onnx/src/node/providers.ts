import { OptionError } from '@refusion/core';
import { compile } from '../compile.js';
import { sentenceOf } from './errors.js';
import { knownProviders, loadRuntime, type Provider } from './runtime.js';

/** Why a model of one node does not run on a provider, in the runtime's words; `null` if it does. */
async function failureOf(provider: Provider): Promise<string | null> {
  if (provider === 'cpu') return null;
  const { InferenceSession, Tensor } = await loadRuntime();
  const model = compile((ops, { x }) => ({ y: ops.neg(x as never) }), { inputs: { x: { shape: [1] } } });
  try {
    const session = await InferenceSession.create(model, {
      executionProviders: [provider],
      logSeverityLevel: 4,
    });
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1), [1]) });
    await session.release();
    return y?.data[0] === -1 ? null : 'it does not compute what it should';
  } catch (error) {
    return sentenceOf(error);
  }
}

/** The providers on which a model runs on this machine, tried one by one. @throws RefusionError if the runtime does not load */
export async function availableProviders(): Promise<Provider[]> {
  const available: Provider[] = [];
  for (const provider of await knownProviders()) {
    if ((await failureOf(provider)) === null) available.push(provider);
  }
  return available;
}

/**
 * Tries a provider with a model of one node.
 * @param option what errors call the choice
 * @throws OptionError, which lists those that start, if it is not in the build or does not start on this machine
 */
export async function expectProvider(provider: Provider, option = 'the provider'): Promise<void> {
  const known = await knownProviders();
  if (!known.includes(provider)) {
    throw new OptionError(
      `${option} ${provider} is not in this build of onnxruntime (${process.platform} ${process.arch}), which has ${known.join(', ')}`,
    );
  }
  const failure = await failureOf(provider);
  if (failure === null) return;
  const others = (await availableProviders()).join(', ');
  throw new OptionError(
    `${option} ${provider} does not start on this machine (${failure}), of the others ${others} does${remedyFor(provider)}`,
  );
}

/** What to install, where the npm package leaves libraries out. */
function remedyFor(provider: Provider): string {
  if (provider !== 'cuda') return '';
  return '; it needs CUDA 12, cuDNN, and libraries that "npm install --onnxruntime-node-install=cuda12" fetches';
}
