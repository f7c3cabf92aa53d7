import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-script-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const cwd = fileURLToPath(new URL('.', import.meta.url));
const api = new URL('../index.ts', import.meta.url).href;

it("a user's own program is shown by this package's page, and not started again", async () => {
  const [script, runs] = [join(scratch, 'mine.mts'), join(scratch, 'runs')];
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
    import { runTraining, trainConfig } from ${JSON.stringify(api)};
    appendFileSync(${JSON.stringify(runs)}, 'once ');
    // Or it would go on without end.
    if (readFileSync(${JSON.stringify(runs)}, 'utf8') !== 'once ') process.exit(1);
    const network = { dim: 2, blocks: 1, heads: 1 };
    const small = { data: 'synthetic', engine: 'wasm', scenes: 2, crop: 8, batch: 1, network } as const;
    await runTraining(trainConfig({ ...small, epochs: 1, metaSteps: 0, fusionSteps: 1 }), {
      out: ${JSON.stringify(join(scratch, 'run'))},
      quiet: true,
      view: { every: 0, pair: null, watch: { port: 0 } },
    });`,
  );
  const options = ['--conditions=@refusion/source', '--import=tsx', script];
  const child = spawn(process.execPath, options, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  expect(await text(child.stderr)).toMatch(/^watch: http:\/\/127\.0\.0\.1:\d+\/\n$/);
  expect(readFileSync(runs, 'utf8')).toBe('once ');
}, 60_000);
