import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FileError } from '@refusion/core';
import { expect, it } from 'vitest';
import { startTool } from './run-tool.js';

// A device that is always full; only Linux has it.
const possible = existsSync('/dev/full') && spawnSync('ffmpeg', ['-version']).status === 0;
const title = 'says that the disk is full where ffmpeg does';

it.runIf(possible)(possible ? title : `${title}: skipped, there is no ffmpeg or no /dev/full`, async () => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc=size=8x8', '-frames:v', '1'];
  const args = ['-v', 'error', ...picture, '-f', 'rawvideo', '-y', 'file:/dev/full'];
  const { ended } = startTool('ffmpeg', args, 'out.mp4', { stdio: ['ignore', 'ignore', 'pipe'] });
  await expect(ended).rejects.toThrow(FileError);
  await expect(ended).rejects.toThrow('"out.mp4" cannot be written: the disk is full; free some space');
});
