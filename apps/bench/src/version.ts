import { createRequire } from 'node:module';

// The path is the same from src and from dist.
const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** The version of the program. */
export const VERSION: string = manifest.version;
