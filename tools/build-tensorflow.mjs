// Installs @tensorflow/tfjs-node into node_modules with its binding compiled against the libtensorflow of Python's
// wheel `tensorflow-cpu`, so that the engine `tensorflow` can be tested where the binaries that tfjs-node downloads
// cannot be had. Needs Linux on x86-64, python3 with pip, make and a C++ compiler. The wheel, 200 MB, is kept by pip.
//
// node tools/build-tensorflow.mjs; `npm ci` takes it away again.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TFJS = '4.22.0';
/** The last wheel that pip finds for all of Python 3.9 to 3.11; the C interface is the same as that of 2.9. */
const WHEEL = { version: '2.15.1', python: '3.11', platform: 'manylinux2014_x86_64' };

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'node_modules/@tensorflow/tfjs-node');

function run(command, args, cwd = root) {
  process.stdout.write(`$ ${[command, ...args].join(' ')}\n`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
}

async function installPackage() {
  run('npm', [
    'install',
    `@tensorflow/tfjs-node@${TFJS}`,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
  ]);
}

async function unpackLibrary(folder) {
  const { version, python, platform } = WHEEL;
  const options = ['--no-deps', '--only-binary=:all:', '--python-version', python, '--platform', platform];
  run('python3', ['-m', 'pip', 'download', ...options, '--dest', folder, `tensorflow-cpu==${version}`]);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
  const [deps, unpacked] = [join(target, 'deps'), join(folder, 'tensorflow')];
  await rm(deps, { recursive: true, force: true });
  await mkdir(join(deps, 'lib'), { recursive: true });
  run('cp', ['-r', join(unpacked, 'include'), join(deps, 'include')]);
  // The linker asks for libtensorflow.so; the wheel's library has the C interface under another name.
  for (const [name, linked] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ]) {
    run('cp', [join(unpacked, name), join(deps, 'lib', name)]);
    await symlink(name, join(deps, 'lib', linked));
  }
}

async function compileBinding() {
  const binding = join(target, 'lib/napi-v8');
  const nodeGyp = join(
    dirname(process.execPath),
    '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js',
  );
  // Node's own headers where they came with it, so that nothing is downloaded.
  const prefix = resolve(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  const variables = { module_name: 'tfjs_binding', module_path: binding, napi_build_version: 8 };
  run(
    process.execPath,
    [
      nodeGyp,
      'rebuild',
      ...headers,
      '--',
      ...Object.entries(variables).map(([name, value]) => `-D${name}=${value}`),
    ],
    target,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'tensorflow-cpu-'));
try {
  await installPackage();
  await unpackLibrary(folder);
  await compileBinding();
} finally {
  await rm(folder, { recursive: true });
}
run(process.execPath, ['--eval', `console.log(require('@tensorflow/tfjs-node').version)`]);
