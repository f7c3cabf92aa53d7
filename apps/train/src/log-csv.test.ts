import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { printLog } from './log-csv.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-csv-'));
afterAll(() => rmSync(scratch, { recursive: true }));

it('prints one row an update and one column a number, without a half-written last line', async () => {
  const lines = [
    '{"type":"meta-step","rate":0.001,"fusion":{"total":0.5},"outer":{"total":0.25},"epoch":1,"step":1}',
    '{"type":"fusion-update","rate":0.001,"fusion":{"total":0.125},"note":"text","epoch":1,"step":1}',
    '{"type":"fusion-up',
  ];
  writeFileSync(join(scratch, 'log.jsonl'), lines.join('\n'));
  const out = new PassThrough();
  await printLog(scratch, out);
  out.end();
  expect((await text(out)).split('\r\n')).toEqual([
    'type,rate,fusion.total,outer.total,epoch,step',
    'meta-step,0.001,0.5,0.25,1,1',
    'fusion-update,0.001,0.125,,1,1',
    '',
  ]);
});

it('says where there is no log', async () => {
  await expect(printLog(join(scratch, 'nowhere'), new PassThrough())).rejects.toThrow(
    /nowhere.log\.jsonl: no such file, name the folder that a training writes/,
  );
});
