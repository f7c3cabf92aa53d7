import type { Engine } from '@refusion/autodiff';
import { formatTable, progress } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { KERNEL_CHOICES, type KernelChoice } from '@refusion/tf/names';
import type { VerifiableEngine } from '../engine-names.js';
import { engineOf, fastestEngine } from '../engines.js';
import { toJson } from '../json.js';
import type { ExitCode, Streams } from '../streams.js';
import { measureSpeed, type Speed, type SpeedOptions, type Watch } from './measure.js';
import { type PeerTimes, peerMedians, ratios, runPeer } from './peer.js';
import { FORWARD } from './workload.js';

export interface SpeedCommandOptions extends SpeedOptions {
  /** The networks' width and depth. Default: the authors'. */
  readonly dim?: number;
  readonly blocks?: number;
  /** Default: the fastest. */
  readonly engine?: VerifiableEngine;
  /** Whose kernels `wasm` runs. */
  readonly kernels?: KernelChoice;
  /** Another program that times the same work. */
  readonly against?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** So often two programs take turns, unless it is said. */
const ROUNDS_AGAINST = 3;

interface Comparison {
  readonly against: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
}

/** `bench speed`: times an engine, and a peer in alternation with it. */
export async function runSpeed(options: SpeedCommandOptions, streams: Streams): Promise<ExitCode> {
  const { engine: name, kernels, threads, workers, against, json = false, quiet = false } = options;
  if (name) expectHonoured(name, options);
  if (against?.trim() === '') throw new OptionError('--against is empty; name a program');
  const size = sizeOf(options);
  const total = size.rounds * (3 * (size.runs + 1) + (against === undefined ? 0 : 1));
  const bar = progress({ label: 'speed', total, stream: streams.stderr, quiet });
  const choice = { ...(kernels && { kernels }), ...(threads && { threads }), ...(workers && { workers }) };
  const engine = name ? await engineOf(name, choice) : await fastestEngine(choice, bar.log);
  if (engine.remark && !quiet) bar.log(engine.remark);
  const peer: PeerTimes[] = [];
  const onRound = async (): Promise<void> => {
    if (against === undefined) return;
    peer.push(await runPeer(against));
    bar.step();
  };
  const onRun = (): void => bar.step();
  const speed = await measuredOnce(engine, size, { onRun, onRound }).finally(bar.stop);
  const comparison = peer.length > 0 ? compared(speed, peer) : null;
  if (json) streams.stdout.write(toJson({ ...speed, ...comparison }));
  else streams.stdout.write(speedText(speed, size) + (comparison ? comparisonText(comparison) : ''));
  return 0;
}

/** The engine is of no use afterwards. */
async function measuredOnce(engine: Engine, options: SpeedOptions, watch: Watch): Promise<Speed> {
  try {
    return await measureSpeed(engine, options, watch);
  } finally {
    await engine.close?.();
  }
}

function sizeOf({
  dim,
  blocks,
  network,
  against,
  rounds = against === undefined ? 1 : ROUNDS_AGAINST,
  ...options
}: SpeedCommandOptions): SpeedOptions & { readonly rounds: number } {
  return { ...options, rounds, network: { ...network, ...(dim && { dim }), ...(blocks && { blocks }) } };
}

/** @throws OptionError if an option is given that the engine has no use for */
function expectHonoured(engine: VerifiableEngine, { workers, threads, kernels }: SpeedCommandOptions): void {
  const isOnnx = engine.startsWith('onnx');
  const refuse = (option: string, engines: string): never => {
    throw new OptionError(`${option} is for ${engines}, and not for the engine ${engine}; leave it out`);
  };
  if (workers && !isOnnx) refuse('--workers', 'onnx');
  if (threads && !isOnnx && engine !== 'tensorflow') refuse('--threads', 'onnx and tensorflow');
  if (kernels && kernels !== KERNEL_CHOICES[0] && engine !== 'wasm') refuse(`--kernels ${kernels}`, 'wasm');
}

function compared(speed: Speed, peer: readonly PeerTimes[]): Comparison {
  const against = peerMedians(peer);
  return { against, ratios: ratios(speed, against) };
}

function speedText(speed: Speed, { runs, rounds = 1, forward = FORWARD }: SpeedOptions): string {
  const { engine, threads, batch, size, meta_s, fusion_s, forward_s, peak_gb } = speed;
  const pairs = batch === 1 ? '1 pair' : `${batch} pairs`;
  const rows = [
    [`meta-step, ${pairs} of ${size}x${size}`, `${meta_s} s`],
    [`fusion update, ${pairs} of ${size}x${size}`, `${fusion_s} s`],
    [`fusing one pair of ${forward.join('x')}`, `${forward_s} s`],
    ['most memory', `${peak_gb} GB`],
  ];
  const head = [`${engine}, threads: ${threads}`, `median of ${rounds * runs}`];
  return `${formatTable(head, rows, { align: ['left', 'right'] })}\n`;
}

function comparisonText({ against, ratios: times }: Comparison): string {
  const rows = Object.entries(against).map(([key, seconds]) => [
    key,
    `${seconds} s`,
    key in times ? `${times[key]}` : '',
  ]);
  const table = formatTable(['the other program', 'median', 'times as long'], rows, {
    align: ['left', 'right', 'right'],
  });
  return `${table}\n`;
}
