import { type Engine, reference } from '@refusion/autodiff';
import { OptionError } from '@refusion/core';
import { expectProvider, knownProviders, type Provider, type SessionOptions } from '@refusion/onnx/node';
import type { StageEngine } from '@refusion/pipeline';
import { fastestEngine, onnxStages } from '@refusion/pipeline/node';
import { loadEngine, ENGINES as TF_ENGINES } from '@refusion/tf';

/** What can compute, the fastest first. */
export const ENGINE_NAMES = ['onnx', ...TF_ENGINES, 'reference'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

/** What the user says about the engine. */
export interface EngineChoice {
  /** Default: onnxruntime, or WebAssembly where that does not load. */
  readonly name?: EngineName | undefined;
  /** What onnxruntime computes on. Default: the CPU. */
  readonly provider?: Provider | undefined;
  /** Threads of onnxruntime within one picture. Default: one for each core. */
  readonly threads?: number | undefined;
  /** Is told what takes the place of onnxruntime, and why. */
  readonly warn: (sentence: string) => void;
}

/** @throws RefusionError if the engine does not start; OptionError if the provider does not fit or is not there */
export async function startEngine(choice: EngineChoice): Promise<Engine | StageEngine> {
  const name = choice.name ?? (await fastest(choice));
  if (name === 'onnx') return onnxStages(await sessionOptions(choice));
  expectNoProvider(choice, `the engine ${name}`);
  if (name === 'reference') return reference;
  const engine = await loadEngine(name);
  if (engine.remark) choice.warn(engine.remark);
  return engine;
}

/**
 * How onnxruntime is to run.
 * @throws RefusionError, in one sentence, if it does not load; OptionError if the provider is not there or does not start
 */
export async function sessionOptions({ provider, threads }: EngineChoice): Promise<SessionOptions> {
  const within = threads === undefined ? {} : { threads };
  if (provider === undefined) {
    await knownProviders();
    return within;
  }
  await expectProvider(provider, '--provider');
  return { provider, ...within };
}

function expectNoProvider({ provider }: EngineChoice, engine: string): void {
  if (provider !== undefined) throw new OptionError(`--provider is for the engine onnx, not for ${engine}`);
}

/** Who asks for a provider gets no other engine: that onnxruntime does not load is told by `sessionOptions`. */
async function fastest({ provider, warn }: EngineChoice): Promise<EngineName> {
  return provider === undefined ? fastestEngine(warn) : 'onnx';
}
