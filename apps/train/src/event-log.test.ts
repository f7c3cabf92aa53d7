import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLog } from './event-log.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-log-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it('a log is cut back by bytes, whatever they are', async () => {
  const path = join(scratch, 'log.jsonl');
  const lines = Buffer.from('{"fusion":1}\n\xff\xfe\n{"fusion":2}\n{"fusion":3}\n', 'latin1');
  writeFileSync(path, lines);
  const bytes = lines.length - 13;
  const { log, kept } = await openLog(path, bytes);
  await log.flush();
  expect([log.flushed, statSync(path).size]).toEqual([bytes, bytes]);
  expect(kept).toEqual([{ fusion: 1 }, { fusion: 2 }]);
  await log.close?.();
});
