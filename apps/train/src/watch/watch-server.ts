import { lstat, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OptionError } from '@refusion/core';
import { loadPage, type Page } from '../page-files.js';
import { EventStreams } from './event-streams.js';
import { isOwnRequest, LOOPBACK } from './own-address.js';
import { USUAL_PORT } from './port.js';
import { RunReader } from './run-reader.js';

/** A page that shows a run. */
export interface WatchServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves a page that shows a run, to this machine only. It reads the run's files and changes nothing.
 * @param port null: the usual one or, where that is taken, any that is free; 0: any that is free
 * @throws FileError if there is no such folder; OptionError if the port cannot be had
 */
export async function serveRun(folder: string, port: number | null): Promise<WatchServer> {
  const reader = await RunReader.open(folder);
  const page = await loadPage();
  const streams = new EventStreams(reader);
  const server = createServer((request, response) => {
    answer(request, response, reader, page, streams).catch(() => {
      // The reader of this answer has gone, or a file has; the next request is another.
      response.destroy();
    });
  });
  const taken = await listening(server, port ?? USUAL_PORT);
  if (taken && port !== null)
    throw new OptionError(`port ${port} cannot be had (${taken}), choose another, or 0 for any`);
  if (taken) await listening(server, 0);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      streams.close();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${LOOPBACK}:${portOf(server)}/`, close };
}

/** Starts to listen; resolves with what is in the way, or null. */
function listening(server: Server, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    server.once('error', fail).listen(port, LOOPBACK, () => {
      server.off('error', fail);
      resolve(null);
    });
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const PICTURE = /^\/view\/([\w-]+\.png)$/;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  reader: RunReader,
  page: Page,
  streams: EventStreams,
): Promise<void> {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Content-Security-Policy', page.policy);
  response.setHeader('Cache-Control', 'no-store');
  if (!isOwnRequest(request.headers, request.socket.localPort))
    return end(response, 421, 'this page has another address');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return end(response, 405, 'this page only shows');
  }
  const [path] = (request.url ?? '').split('?') as [string];
  const picture = PICTURE.exec(path)?.[1];
  if (path === '/') return end(response, 200, page.html, 'text/html; charset=utf-8');
  if (path === '/icon.svg') return end(response, 200, page.icon, 'image/svg+xml');
  if (path === '/events' && request.method === 'GET') return streams.add(response);
  if (picture !== undefined) return sendPicture(response, await reader.picture(picture));
  return end(response, 404, 'there is no such thing here');
}

function end(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Pictures are small: they are cut to at most 256 pixels a side. */
const MOST_PICTURE_BYTES = 4 << 20;

async function sendPicture(response: ServerResponse, path: string | null): Promise<void> {
  const bytes = path === null ? null : await pictureBytes(path);
  if (!bytes) return end(response, 404, 'there is no such picture');
  // A training that began again gives new pictures old names, so they are asked for each time.
  response.writeHead(200, { 'Content-Type': 'image/png', 'Content-Length': bytes.length });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** The bytes of a picture; null if it is gone, is a link that leads elsewhere, or is no picture of this program. */
async function pictureBytes(path: string): Promise<Buffer | null> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() && found.size <= MOST_PICTURE_BYTES ? readFile(path) : null;
}
