// npx tsx --conditions=@refusion/source bench/peak-memory/measure.ts [--width 4000] [--height 3000]
//   [--max-memory 2GB] [--engines onnx,wasm] [--whole]
//
// Fuses a pair with the program as users run it, in a process of its own, and prints the process's peak resident size.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable } from '@refusion/cli';
import { rng } from '@refusion/core';
import { encodePng } from '@refusion/image-io/node';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '4000' },
    height: { type: 'string', default: '3000' },
    'max-memory': { type: 'string', default: '2GB' },
    engines: { type: 'string', default: 'onnx,wasm' },
    whole: { type: 'boolean', default: false },
  },
});
const [width, height] = [Number(values.width), Number(values.height)];
/** More than any picture takes. */
const NO_LIMIT = '1TB';

const folder = mkdtempSync(join(tmpdir(), 'peak-memory-'));
try {
  await writePictures();
  const rows: string[][] = [];
  for (const engine of values.engines.split(',')) {
    for (const visible of ['gray', 'colour']) rows.push(row(engine, visible));
  }
  const head = ['engine', 'b', 'seconds', 'peak, MB', ...(values.whole ? ['whole: peak, MB', 'off by'] : [])];
  process.stdout.write(
    `${width}x${height}, --max-memory ${values['max-memory']}\n${formatTable(head, rows)}\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

function row(engine: string, visible: string): string[] {
  const own = fuse(engine, visible, values['max-memory']);
  const figures = [engine, visible, own.seconds.toFixed(0), megabytes(own.peak)];
  if (!values.whole) return figures;
  const whole = fuse(engine, visible, NO_LIMIT);
  const off = own.raw.reduce((most, x, i) => Math.max(most, Math.abs(x - (whole.raw[i] as number))), 0);
  return [...figures, megabytes(whole.peak), off.toExponential(1)];
}

/** Fuses the pair, and tells the peak that the process reports as it ends. */
function fuse(
  engine: string,
  visible: string,
  maxMemory: string,
): { seconds: number; peak: number; raw: Float32Array } {
  const tell = 'process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...['--conditions=@refusion/source', '--import=tsx', `--import=data:text/javascript,${tell}`],
      ...[join(import.meta.dirname, '../../apps/fuse/src/bin.ts'), '--quiet', '--raw'],
      ...['--engine', engine, '--max-memory', maxMemory, '--weights', join(folder, 'f.safetensors')],
      ...['--a', join(folder, 'a.png'), '--b', join(folder, `${visible}.png`), '--out', join(folder, 'out')],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`fuse ended with ${status}: ${stderr}`);
  const seconds = (performance.now() - start) / 1000;
  const bytes = readFileSync(join(folder, 'out', 'a.npy'));
  const data = bytes.subarray(bytes.length - 4 * width * height);
  const raw = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.length));
  return { seconds, peak: 1024 * Number(/peak (\d+)$/.exec(stderr)?.[1]), raw };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** Waves and noise: smooth parts, edges of no kind, and every value. */
async function writePictures(): Promise<void> {
  const random = rng(1);
  const wave = (i: number, step: number): number => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return 127 + 100 * Math.sin(x / step) * Math.cos(y / (step + 20)) + 28 * random.uniform();
  };
  const image = (channels: 1 | 3, step: number) => ({
    data: Uint8Array.from({ length: width * height * channels }, (_, i) =>
      wave(Math.floor(i / channels), step + (i % channels)),
    ),
    shape: channels === 1 ? ([height, width] as const) : ([height, width, channels] as const),
  });
  writeFileSync(join(folder, 'f.safetensors'), encodeSafetensors(fusionNetwork().init(rng(2))));
  for (const [name, channels, step] of [
    ['a', 1, 60],
    ['gray', 1, 90],
    ['colour', 3, 90],
  ] as const) {
    writeFileSync(join(folder, `${name}.png`), await encodePng(image(channels, step)));
  }
}
