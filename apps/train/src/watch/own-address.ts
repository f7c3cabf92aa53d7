import type { IncomingHttpHeaders } from 'node:http';

/** This machine alone. */
export const LOOPBACK = '127.0.0.1';

/**
 * Whether a request comes from the page itself, from somebody who typed its address or followed a link to it, or from a
 * program of this machine. A name that leads here by someone else's DNS, and the scripts and pictures of another page,
 * are foreign.
 */
export function isOwnRequest(headers: IncomingHttpHeaders, port: number | undefined): boolean {
  // Browsers leave the usual port out.
  const names = [LOOPBACK, 'localhost'].flatMap((name) => [
    `${name}:${port}`,
    ...(port === 80 ? [name] : []),
  ]);
  const { host, origin } = headers;
  if (host === undefined || !names.includes(host.toLowerCase())) return false;
  if (origin !== undefined && !names.map((name) => `http://${name}`).includes(origin.toLowerCase()))
    return false;
  const site = headers['sec-fetch-site'];
  const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return site === undefined || site === 'same-origin' || site === 'none' || isVisit;
}
