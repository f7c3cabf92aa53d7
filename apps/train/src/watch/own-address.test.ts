import { describe, expect, it } from 'vitest';
import { isOwnRequest } from './own-address.js';

const host = 'localhost:8420';

describe('a request to the page', () => {
  it.each([
    ['by its own name', { host }, 8420],
    ['by its number', { host: '127.0.0.1:8420' }, 8420],
    ['without the port that browsers leave out', { host: 'localhost', origin: 'http://localhost' }, 80],
    ['with that port', { host: '127.0.0.1:80' }, 80],
    ['of its own script', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, 8420],
    ['of somebody who typed it', { host, 'sec-fetch-site': 'none' }, 8420],
    [
      'by a link',
      { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
      8420,
    ],
  ])('is answered %s', (_how, headers, port) => {
    expect(isOwnRequest(headers, port)).toBe(true);
  });

  it.each([
    ['without a name', {}, 8420],
    ['by another name', { host: 'evil.example:8420' }, 8420],
    ['by another port', { host: 'localhost:8421' }, 8420],
    ['without its port', { host: 'localhost' }, 8420],
    ['of a script elsewhere', { host, origin: 'http://evil.example' }, 8420],
    // A fetch without CORS names no origin.
    ['of a page elsewhere', { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 8420],
    ['of another server of this machine', { host, 'sec-fetch-site': 'same-site' }, 8420],
    [
      'in a frame elsewhere',
      { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      8420,
    ],
  ])('is refused %s', (_how, headers, port) => {
    expect(isOwnRequest(headers, port)).toBe(false);
  });
});
