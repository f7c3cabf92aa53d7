import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

// The folder of this file is that of the program, in src and in dist.
const isSource = import.meta.url.endsWith('.ts');
const path = fileURLToPath(new URL(isSource ? 'bin.ts' : 'bin.js', import.meta.url));

/**
 * What node is given to run this package's program, whoever is running now: sources need a translator. Nothing is taken
 * over from the program that runs, which may be any that calls this package.
 */
export const PROGRAM: readonly string[] = isSource
  ? ['--conditions=@refusion/source', '--import', translator(), path]
  : [path];

function translator(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}
