// Compiles the kernels of assembly/ and writes them, base64, into a TypeScript file, so that they come with the
// package's code wherever it goes. Run by `npm run assembly -w @refusion/tf`; a test compares the file with the sources.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const SOURCES = new URL('../assembly/', import.meta.url);
export const GENERATED = fileURLToPath(new URL('../src/wasm/simd-code.ts', import.meta.url));

const OPTIONS = [
  ...['--runtime', 'stub', '--noAssert', '--uncheckedBehavior', 'always'],
  ...['--importMemory', '--noExportMemory'],
  ...['-O3', '--converge', '--enable', 'simd'],
];

/** A threaded backend has a shared memory, which only a module that says so can import. */
const SHARED = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];

async function compile(more: readonly string[]): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'simd.wasm', ...OPTIONS, ...more], {
    readFile: (name) => readFile(new URL(name, SOURCES), 'utf8').catch(() => null),
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`asc: ${stderr.toString()}`, { cause: error });
  return binary;
}

async function base64(more: readonly string[]): Promise<string> {
  return Buffer.from(await compile(more)).toString('base64');
}

/** The generated file's text. */
export async function generate(): Promise<string> {
  return `// Written by \`npm run assembly -w @refusion/tf\` from assembly/. Do not edit.

/** The kernels as WebAssembly, base64. */
export const SIMD_CODE =
  '${await base64([])}';

/** The same for a shared memory, which the backend has where threads can be used. */
export const SHARED_SIMD_CODE =
  '${await base64(SHARED)}';
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(GENERATED, await generate());
