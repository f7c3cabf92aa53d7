import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveRun, type WatchServer } from './watch-server.js';

const run = mkdtempSync(join(tmpdir(), 'refusion-watch-'));
let server: WatchServer;
let port: number;

beforeAll(async () => {
  const view = join(run, 'view');
  mkdirSync(view);
  for (const name of ['a', 'b', 'unnamed']) {
    await writePng(join(view, `${name}.png`), picture(Uint8Array.of(1, 2), [1, 2]));
  }
  writeFileSync(join(run, 'secret.png'), 'secret');
  symlinkSync(join(run, 'secret.png'), join(view, 'link.png'));
  const range = { min: 0, mean: 0, max: 1 };
  const file = (name: string) => ({ file: name, range });
  const snapshot = {
    number: 0,
    update: 0,
    epoch: 0,
    pictures: { fused: file('link.png'), w: file('gone.png') },
  };
  const sizes = { height: 1, width: 2, updates: 4, epochs: 1 };
  const sources = { a: file('a.png'), b: file('b.png') };
  const index = { version: 1, pair: 'p1', ...sizes, sources, snapshots: [snapshot] };
  writeFileSync(join(view, 'index.json'), JSON.stringify(index));
  writeFileSync(join(run, 'config.json'), '{"task":"ivif"}');
  writeFileSync(join(run, 'log.jsonl'), '{"type":"fusion-update","fusion":{"total":0.5},"seconds":1}\n');
  server = await serveRun(run, 0);
  port = Number(new URL(server.url).port);
});
afterAll(async () => {
  await server.close();
  rmSync(run, { recursive: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** Asks as no browser would: paths as they are, any host. */
function ask(path: string, { method = 'GET', headers = {} } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers, agent: false }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await buffer(response) });
    })
      .on('error', reject)
      .end();
  });
}

const status = async (path: string, options = {}) => (await ask(path, options)).status;

/** Reads the stream of events until a text has come. */
async function eventsUntil(wanted: string, act: () => void = () => {}): Promise<string> {
  const response = await fetch(`${server.url}events`);
  let told = '';
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    if (told === '') act();
    told += Buffer.from(bytes).toString();
    if (told.includes(wanted)) break;
  }
  return told;
}

/** Whether an address is this machine's; to others one might wait for ever. */
function isLocal(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
      .on('error', () => resolve(false))
      .listen(0, host, () => probe.close(() => resolve(true)));
  });
}

describe('the server', () => {
  it('serves one page that may load nothing from elsewhere', async () => {
    const { headers, body } = await ask('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; /);
    expect(policy).toContain(
      "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(body.toString()).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(Number(headers['content-length'])).toBe(body.length);
    const head = await ask('/', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers['content-length']).toBe(headers['content-length']);
  });

  it('serves the pictures that the index names, and no other file', async () => {
    expect((await ask('/view/a.png?3')).body.subarray(1, 4).toString()).toBe('PNG');
    const others = [
      'unnamed.png',
      'link.png',
      'gone.png',
      'index.json',
      '../config.json',
      '%2e%2e/config.json',
      '..%2fconfig.json',
      '../secret.png',
      'a.png/',
      '',
    ];
    for (const name of others) expect([name, await status(`/view/${name}`)]).toEqual([name, 404]);
    for (const path of ['/config.json', '/log.jsonl', '/../../etc/passwd', '//etc/passwd', '/view']) {
      expect([path, await status(path)]).toEqual([path, 404]);
    }
  });

  it('answers to its own name only', async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
      expect(await status('/', { headers: { host } })).toBe(200);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}.evil.example`,
    ]) {
      for (const path of ['/', '/events', '/view/a.png']) {
        expect([host, await status(path, { headers: { host } })]).toEqual([host, 421]);
      }
    }
    const host = `127.0.0.1:${port}`;
    expect(await status('/events', { headers: { host, origin: 'http://evil.example' } })).toBe(421);
    expect(await status('/events', { headers: { host, 'sec-fetch-site': 'cross-site' } })).toBe(421);
  });

  it('only shows', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status: code, headers } = await ask('/', { method });
      expect([code, headers['allow']]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('cannot be reached by any other address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid)
      .map(({ address }) => address);
    if (await isLocal('127.0.0.2')) others.push('127.0.0.2');
    for (const host of others) {
      const reached = await new Promise((resolve) => {
        const socket = connect({ host, port }, () => resolve(`reached by ${host}`));
        socket.on('error', () => resolve(null)).on('close', () => socket.destroy());
      });
      expect(reached).toBe(null);
    }
  });

  it('tells what it knows, and what is new', async () => {
    const told = await eventsUntil('"updates":2', () => {
      appendFileSync(
        join(run, 'log.jsonl'),
        '{"type":"fusion-update","fusion":{"total":0.25},"seconds":3}\n',
      );
    });
    expect(told).toContain('event: run\ndata: {"name":');
    expect(told).toContain('event: view\ndata: {"version":1,"pair":"p1"');
    expect(told).toContain('"fusion.total":{"mean":[0.5,0.25]');
    expect(told).toContain('"duration":{"mean":[1,2]');
  });
});

describe('what cannot be served', () => {
  it('is said in one sentence', async () => {
    await expect(serveRun(join(run, 'nowhere'), 0)).rejects.toThrow(
      /nowhere: no such folder, name the folder that/,
    );
    await expect(serveRun(join(run, 'config.json'), 0)).rejects.toThrow(
      /config\.json: is a file, name the folder/,
    );
    await expect(serveRun(run, port)).rejects.toThrow(
      `port ${port} cannot be had (EADDRINUSE), choose another, or 0 for any`,
    );
  });

  it('takes any port where the usual one is taken', async () => {
    const blocker = createServer().listen(8420, '127.0.0.1');
    // Someone else may have it already: then it is taken too.
    await new Promise((resolve) => blocker.once('listening', resolve).once('error', resolve));
    const other = await serveRun(run, null);
    expect(new URL(other.url).port).not.toBe('8420');
    expect((await fetch(other.url)).status).toBe(200);
    await other.close();
    blocker.close();
  });

  it('shows a folder with nothing in it', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'refusion-empty-'));
    const other = await serveRun(empty, 0);
    const response = await fetch(`${other.url}events`);
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toContain('event: view\ndata: null');
    await other.close();
    rmSync(empty, { recursive: true });
  });
});
