import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '@refusion/test-utils';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveRun, type WatchServer } from './watch-server.js';

const program = findChromium();
const scratch = mkdtempSync(join(tmpdir(), 'refusion-page-'));
const run = join(scratch, 'run');
const without = program === null ? ' (skipped: no Chromium here; install it, or name it in CHROMIUM)' : '';

let browser: Browser;
let training: ChildProcess | null = null;
let server: WatchServer | null = null;
beforeAll(async () => {
  // As root, which is what containers run as, Chromium works only without its sandbox.
  if (program) browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
});
afterAll(async () => {
  training?.kill();
  await server?.close();
  await browser?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Starts a training of the smallest size with its page, and waits for the page's address. */
async function startTraining(): Promise<string> {
  const bin = fileURLToPath(new URL('../bin.ts', import.meta.url));
  const flags = '--data synthetic --scenes 4 --dim 2 --blocks 1 --heads 1 --crop 16 --batch 1 --view-every 4';
  const schedule = '--epochs 2 --meta-steps 12 --fusion-steps 12 --engine wasm --watch --watch-port 0 --json';
  const command = [
    '--conditions=@refusion/source',
    '--import=tsx',
    bin,
    ...`${flags} ${schedule}`.split(' '),
    '--out',
    run,
  ];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
  training = child;
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const url = /watch: (http:\S+)/.exec(said)?.[1];
      if (url) resolve(url);
    });
    child.on('exit', () => reject(new Error(`the training did not say where its page is: ${said}`)));
  });
}

/** Opens the page, and notes every request and every complaint. */
async function open(url: string): Promise<{ page: Page; requests: string[]; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const [requests, complaints]: [string[], string[]] = [[], []];
  // What the page says of the training, one after the other.
  await page.addInitScript(`addEventListener('DOMContentLoaded', () => {
    const place = document.getElementById('status-text');
    window.said = [place.textContent];
    new MutationObserver(() => said.push(place.textContent)).observe(place, { childList: true });
  })`);
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, requests, complaints };
}

/** Updates that the page says were made. */
const updatesOf = async (page: Page): Promise<number> =>
  Number.parseInt((await page.locator('#facts dd').first().textContent()) ?? '', 10);

/** What is drawn of the first chart. */
const chartOf = (page: Page): Promise<string> =>
  page.evaluate('document.querySelector("#charts canvas").toDataURL()');

/** The natural sizes of the pictures that are shown. */
const sizesOf = (page: Page): Promise<number[][]> =>
  page.evaluate(
    '[...document.querySelectorAll("#gallery img")].map((x) => [x.naturalWidth, x.naturalHeight])',
  );

/** Long, for a machine that is busy; nothing here is measured. */
const soon = { timeout: 60_000 };
const PICTURES = 7;
const whole = new Array(PICTURES).fill([128, 128]);

it.skipIf(program === null)(`shows a training as it goes on${without}`, async () => {
  const url = await startTraining();
  const { page, requests, complaints } = await open(url);
  await expect.poll(() => updatesOf(page), soon).toBeGreaterThan(1);
  const [updates, chart] = [await updatesOf(page), await chartOf(page)];
  await expect.poll(() => updatesOf(page), soon).toBeGreaterThan(updates + 4);
  expect(await chartOf(page)).not.toBe(chart);
  await expect.poll(() => sizesOf(page), soon).toEqual(whole);
  expect(await page.locator('#status-text').textContent()).toBe('training');
  // The page ends with the training, and says so.
  if (training?.exitCode === null) await once(training, 'exit');
  expect(training?.exitCode).toBe(0);
  await expect.poll(() => page.locator('#status-text').textContent(), soon).toMatch(/finished|ended/);
  await expect(fetch(url)).rejects.toThrow();
  expect(complaints.filter((text) => !text.includes('ERR_CONNECTION_REFUSED'))).toEqual([]);
  for (const request of requests) expect(request.startsWith(url)).toBe(true);
  await page.close();
});

it.skipIf(program === null)(`shows a training that is over, its history included${without}`, async () => {
  server = await serveRun(run, 0);
  const { page, requests, complaints } = await open(server.url);
  await expect.poll(() => page.locator('#status-text').textContent(), soon).toBe('finished');
  expect(await page.evaluate('said')).toEqual(['connecting', 'finished']);
  expect(await updatesOf(page)).toBe(48);
  await expect.poll(() => sizesOf(page), soon).toEqual(whole);
  const sources = (): Promise<(string | null)[]> =>
    page.locator('#gallery img').evaluateAll((images) => images.map((image) => image.getAttribute('src')));
  expect((await sources()).join()).toContain('/view/00000048-fused.png');
  await page.keyboard.press('Home');
  await expect.poll(async () => (await sources()).join(), soon).toContain('/view/00000000-fused.png');
  expect(await page.locator('#when-text').textContent()).toBe('before the first update');
  await page.keyboard.press('ArrowRight');
  expect(await page.locator('#when-text').textContent()).toBe('update 4, epoch 1');
  expect(await sizesOf(page)).toEqual(whole);
  expect(complaints).toEqual([]);
  for (const request of requests) expect(request.startsWith(server.url)).toBe(true);
  await page.close();
});

it.skipIf(program === null)(`tells curves apart without their colours${without}`, async () => {
  server ??= await serveRun(run, 0);
  const { page } = await open(server.url);
  await expect.poll(() => updatesOf(page), soon).toBe(48);
  const charts = await page.locator('#charts .chart').evaluateAll((all) =>
    all.map((chart) => ({
      title: chart.querySelector('h3')?.textContent ?? '',
      lines: [...chart.querySelectorAll('.u-marker')]
        .map((marker) => marker.getAttribute('style') ?? '')
        .filter((style) => style.includes('background'))
        .map((style) => style.replaceAll(/rgb\([^)]*\)|#\w+/g, 'colour')),
    })),
  );
  for (const { lines } of charts) expect(new Set(lines).size).toBe(lines.length);
  expect(Math.max(...charts.map(({ lines }) => lines.length))).toBe(4);
  expect(charts.map(({ title }) => title.trim())).toContain('Learning rate');
  await page.close();
});

it.skipIf(program === null)(
  `a training that is over and was not looked at is finished, too${without}`,
  async () => {
    const plain = join(scratch, 'plain');
    cpSync(run, plain, { recursive: true });
    rmSync(join(plain, 'view'), { recursive: true });
    const unseen = await serveRun(plain, 0);
    const { page } = await open(unseen.url);
    await expect.poll(() => page.locator('#status-text').textContent(), soon).toBe('finished');
    expect(await page.evaluate('said')).toEqual(['connecting', 'finished']);
    await page.close();
    await unseen.close();
  },
);

it.skipIf(program === null)(
  `draws in light and dark, by linear and log scale, and on a phone${without}`,
  async () => {
    server ??= await serveRun(run, 0);
    const { page, complaints } = await open(server.url);
    await expect.poll(() => updatesOf(page), soon).toBe(48);
    const light = await chartOf(page);
    await page.keyboard.press('t');
    const dark = await chartOf(page);
    await page.keyboard.press('l');
    const log = await chartOf(page);
    expect(new Set([light, dark, log]).size).toBe(3);
    await page.setViewportSize({ width: 360, height: 700 });
    await expect
      .poll(() => page.evaluate('document.documentElement.scrollWidth'), soon)
      .toBeLessThanOrEqual(360);
    expect(complaints).toEqual([]);
    await page.close();
  },
);
