// npx tsx --conditions=@refusion/source bench/own-kernels/run.ts [--batch 2] [--size 64] [--runs 5] [--chromium PATH]
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build } from 'tsup';
import { measure, type Work } from './measure.js';

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '2' },
    size: { type: 'string', default: '64' },
    runs: { type: 'string', default: '5' },
    chromium: { type: 'string' },
  },
});
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const work: Work = { batch: Number(values.batch), size: Number(values.size), runs: Number(values.runs) };
const times = values.chromium ? await measureInPage(values.chromium) : await measure(work, {});
const [own, stock] = [median(times.own), median(times.stock)];
const where = values.chromium ? 'chromium' : `node ${process.version}`;
process.stdout.write(
  `${JSON.stringify({ where, ...work, own_ms: own, stock_ms: stock, ratio: stock / own })}\n`,
);

async function measureInPage(executablePath: string): ReturnType<typeof measure> {
  const folder = await mkdtemp(join(tmpdir(), 'own-kernels-'));
  const server = createServer((request, response) => void serve(folder, request.url ?? '/', response));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    await bundle(folder);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate(
      (given) => (globalThis as unknown as { measure: Measure }).measure(given),
      work,
    );
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  }
}

type Measure = (work: Work) => ReturnType<typeof measure>;

async function bundle(outDir: string): Promise<void> {
  await build({
    entry: [fileURLToPath(new URL('page.ts', import.meta.url))],
    outDir,
    format: 'esm',
    platform: 'browser',
    noExternal: [/./],
    silent: true,
    config: false,
    esbuildOptions: (options) => {
      options.conditions = ['@refusion/source'];
    },
  });
}

async function serve(folder: string, url: string, response: ServerResponse): Promise<void> {
  if (url === '/') {
    response.setHeader('content-type', 'text/html').end('<script type="module" src="/page.js"></script>');
    return;
  }
  const require = createRequire(new URL('../../packages/tf/package.json', import.meta.url));
  const backend = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'));
  const path = url.endsWith('.wasm') ? join(backend, url) : join(folder, url);
  const content = await readFile(path).catch(() => null);
  if (!content) response.writeHead(404).end();
  else response.setHeader('content-type', TYPES[extname(path)] ?? 'text/plain').end(content);
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((x, y) => x - y);
  return Number((sorted[Math.floor(sorted.length / 2)] as number).toFixed(1));
}
