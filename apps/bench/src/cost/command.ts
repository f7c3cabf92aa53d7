import { formatTable } from '@refusion/cli';
import { loadEngine } from '@refusion/tf';
import { toJson } from '../json.js';
import { FORWARD, type WorkloadSize, workload } from '../speed/workload.js';
import type { ExitCode, Streams } from '../streams.js';
import type { Cost } from './cost-of.js';
import { countingEngine } from './counting-engine.js';

export interface CostOptions {
  readonly batch: number;
  readonly size: number;
  readonly dim?: number;
  readonly blocks?: number;
  readonly json?: boolean;
}

/** What each piece of work takes. */
export interface WorkCosts {
  readonly meta: Cost;
  readonly fusion: Cost;
  readonly forward: Cost;
}

/** Counts the work that `speed` times, by doing it once. */
export async function workCosts(size: WorkloadSize): Promise<WorkCosts> {
  const { engine, take } = countingEngine(await loadEngine('wasm'));
  const { meta, fusion, forward } = workload(engine, size);
  const counted = async (work: () => Promise<void>): Promise<Cost> => {
    take();
    await work();
    return take();
  };
  return { meta: await counted(meta), fusion: await counted(fusion), forward: await counted(forward) };
}

/** `bench cost`: operations and bytes of a meta-step, a fusion update and a forward pass. */
export async function runCost(options: CostOptions, { stdout }: Streams): Promise<ExitCode> {
  const { batch, size, dim, blocks, json = false } = options;
  const network = { ...(dim && { dim }), ...(blocks && { blocks }) };
  const costs = await workCosts({ batch, size, network });
  stdout.write(json ? toJson({ batch, size, ...costs }) : costText(costs, options));
  return 0;
}

function costText({ meta, fusion, forward }: WorkCosts, { batch, size }: CostOptions): string {
  const row = (what: string, { products, others, bytes }: Cost): string[] => [
    what,
    ...[products, others, bytes].map((count) => (count / 1e9).toFixed(2)),
  ];
  const head = ['', 'GFLOP in products', 'other operations, 10^9', 'GB in and out of operations'];
  const rows = [
    row(`meta-step, ${batch} pairs of ${size}x${size}`, meta),
    row(`fusion update, ${batch} pairs of ${size}x${size}`, fusion),
    row(`fusing one pair of ${FORWARD.join('x')}`, forward),
  ];
  return `${formatTable(head, rows, { align: ['left', 'right', 'right', 'right'] })}\n`;
}
