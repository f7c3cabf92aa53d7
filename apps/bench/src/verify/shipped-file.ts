import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NAME = 'meta-step-small.safetensors';

/** The golden file that comes with the program: beside it where it is built, else where the repository keeps it. */
export function shippedFile(): string {
  const built = fileURLToPath(new URL(NAME, import.meta.url));
  return existsSync(built)
    ? built
    : fileURLToPath(new URL(`../../../../fixtures/golden/${NAME}`, import.meta.url));
}
