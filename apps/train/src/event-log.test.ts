import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLog } from './event-log.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-log-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it('a log is cut back by bytes, whatever they are', async () => {
  const path = join(scratch, 'log.jsonl');
  const lines = Buffer.from(
    '{"type":"x","n":1}\n\xff\xfe\n{"type":"x","n":2}\n{"type":"x","n":3}\n',
    'latin1',
  );
  writeFileSync(path, lines);
  const bytes = lines.length - 19;
  const kept: (number | undefined)[] = [];
  const log = await openLog(path, bytes, ({ numbers }) => kept.push(numbers.get('n')));
  await log.flush();
  expect([log.flushed, statSync(path).size]).toEqual([bytes, bytes]);
  expect(kept).toEqual([1, 2]);
  await log.close?.();
});
