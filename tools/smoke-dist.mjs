// Loads every built package as ESM and as CommonJS, as its users will, computes on threads, runs the built apps' --help, and
// scores.
// Run after `npm run build`. Exits with 1 if anything differs or fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const manifestsIn = (folder) =>
  readdirSync(join(root, folder)).map((name) => ({
    folder: join(root, folder, name),
    manifest: JSON.parse(readFileSync(join(root, folder, name, 'package.json'), 'utf8')),
  }));

let failures = 0;
const check = (what, ok) => {
  if (!ok) failures++;
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${what}\n`);
};

for (const { manifest } of manifestsIn('packages').filter((found) => !found.manifest.private)) {
  for (const entry of Object.keys(manifest.exports).filter((name) => !name.endsWith('.json'))) {
    const name = join(manifest.name, entry);
    const names = Object.keys(await import(name)).sort();
    const required = Object.keys(require(name)).sort();
    check(
      `${name}: ${names.length} exports, the same by import and by require`,
      names.length > 0 && `${names}` === `${required}`,
    );
  }
}

// A binary that a bundler has swallowed, or an install without it, shows only when it is loaded.
for (const onnx of [await import('@refusion/onnx/node'), require('@refusion/onnx/node')]) {
  const providers = await onnx.knownProviders();
  check(`onnxruntime-node loads: ${providers}`, providers.includes('cpu'));
}

// Its engine computes on threads, whose program is a file of its own; typed programs start them with options of their own.
const squares = `
  const engine = await onnxEngine({ workers: 2 });
  const run = (ops, { x }) => ({ y: ops.mul(x, x) });
  const step = { name: 'square', imagewise: { images: ['x'], perImage: ['y'] }, run };
  const { y } = await engine.evaluate(step, { x: engine.ops.constant([1, 2, 3], [3, 1]) });
  console.log((await engine.read(y)).join());
  await engine.close();`;
for (const [how, options, program] of [
  ['import', ['--input-type=module'], `import { onnxEngine } from '@refusion/onnx/node';${squares}`],
  ['require', [], `const { onnxEngine } = require('@refusion/onnx/node'); (async () => {${squares}})();`],
]) {
  const { stdout, stderr } = spawnSync(process.execPath, [...options, '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  check(`the engine onnx computes on threads, by ${how} ${stderr}`, stdout === '1,4,9\n' && stderr === '');
}

// The option of the READMEs' install lines, as npm hands it to scripts; with a proxy that is not there, a download fails.
const script = join(root, 'node_modules', 'onnxruntime-node', 'script', 'install.js');
const nowhere = { HTTPS_PROXY: 'http://127.0.0.1:1', GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:1' };
const install = spawnSync(process.execPath, [script], {
  env: { ...process.env, ...nowhere, npm_config_onnxruntime_node_install: 'skip' },
});
check('the install script of onnxruntime-node fetches nothing where it is told so', install.status === 0);

for (const { folder, manifest } of manifestsIn('apps').filter((found) => found.manifest.bin)) {
  for (const [command, file] of Object.entries(manifest.bin)) {
    const help = execFileSync(process.execPath, [join(folder, file), '--help'], { encoding: 'utf8' });
    check(`${command} --help`, help.includes('Usage:') && help.includes('Examples:'));
  }
}

// Scores on threads, whose program is a file of its own. `--workers 1` has none.
const triplet = (name) => join(root, 'fixtures', 'metrics-own', '1-blobs-64x80', `${name}.png`);
const scored = ['1', '2'].map((workers) => {
  const sources = ['--a', triplet('a'), '--b', triplet('b'), '--fused', `ours=${triplet('f')}`];
  const args = ['metrics', ...sources, '--format', 'csv', '--quiet', '--workers', workers];
  const bin = join(root, 'apps', 'bench', 'dist', 'bin.js');
  return execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
});
check('refusion-bench metrics scores on threads', scored[0].includes('ours') && scored[0] === scored[1]);

process.exitCode = failures > 0 ? 1 : 0;
