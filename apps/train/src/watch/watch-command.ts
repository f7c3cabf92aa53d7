import { type Command, createProgram } from '@refusion/cli';
import { version } from '../version.js';
import type { Serving } from './open-watch.js';
import { PORT_HELP, portNumber } from './port.js';
import { serveRun } from './watch-server.js';

const EXAMPLES = ['npm run train -- watch runs/first', 'npm run train -- watch runs/first --port 9000'];

/** The command line that shows a run. */
export function watchCommand(): Command {
  return createProgram({
    name: 'refusion-train watch',
    description: 'Shows a training, under way or over, on a page for this machine only.',
    version,
    examples: EXAMPLES,
  })
    .argument('<run>', 'the folder that the training writes')
    .option('--port <n>', PORT_HELP, portNumber('--port'))
    .action((run: string, { port }: { port?: number }) => act(run, port ?? null));
}

async function act(run: string, port: number | null): Promise<void> {
  const server = await serveRun(run, port);
  // A training that started this program listens for where the page is, and the page lasts as long as it does.
  if (process.send) {
    const serving: Serving = { url: server.url };
    process.send(serving);
    process.once('disconnect', () => void server.close());
  } else process.stdout.write(`${server.url}\nCtrl+C ends it.\n`);
}
