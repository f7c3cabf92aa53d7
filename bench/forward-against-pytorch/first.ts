// npx tsx --conditions=@refusion/source bench/forward-against-pytorch/first.ts named|fixed [threads]
//
// What the first 480x640 pair of a process takes on onnxruntime, compiling and creating the session included, and what
// later ones take: with named axes, or with a model for the one size, in strips. One process, one line of JSON.
import { rng } from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { fusionNetwork } from '@refusion/networks';
import { pipeline } from '@refusion/pipeline';
import { onnxStages } from '@refusion/pipeline/node';

const [HEIGHT, WIDTH, LATER] = [480, 640, 5];
const [kind = 'fixed', threads = '1'] = process.argv.slice(2);
const random = rng(1);
const noise = (): Picture => {
  const data = Uint8Array.from({ length: HEIGHT * WIDTH }, () => random.integer(256));
  return picture(data, [HEIGHT, WIDTH]);
};
const [a, b] = [noise(), noise()];
const weights = fusionNetwork().init(random);
const fixedAfter = kind === 'named' ? Number.POSITIVE_INFINITY : 1;
// Loading the library is left out.
await import('onnxruntime-node');

const first = await timed(async () => {
  const opened = await pipeline({ weights, engine: onnxStages({ threads: Number(threads), fixedAfter }) });
  await opened(a, b);
  return opened;
});
const fuse = first.result;
const later = await timed(async () => {
  for (let i = 0; i < LATER; i++) await fuse(a, b);
});
fuse.dispose();
const figures = {
  kind,
  threads: Number(threads),
  first_cpu_ms: first.cpu,
  first_ms: first.wall,
  later_cpu_ms: Math.round(later.cpu / LATER),
  later_ms: Math.round(later.wall / LATER),
  peak_mb: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; cpu: number; wall: number }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpu: Math.round((user + system) / 1000), wall: Math.round(performance.now() - start) };
}
