/** A moment in the writing of a run at which a program dies: the so-manieth such operation on such a path. */
export interface KillPoint {
  readonly what: string;
  readonly operation: 'write' | 'flush' | 'rename' | 'remove';
  /** A regular expression for the path that is written, flushed, replaced or removed. */
  readonly path: string;
  /** `half`: of a write, when half of the bytes are there. */
  readonly when: 'before' | 'half' | 'after';
}

const checkpoint = (what: string, point: Pick<KillPoint, 'operation' | 'when'>): KillPoint => {
  // Before it takes its name, a file is a temporary one in its folder.
  const name = point.operation === 'rename' || point.operation === 'remove' ? 'step-\\d+' : '\\..*';
  return { what: `a checkpoint ${what}`, path: `/checkpoints/${name}[^/]*$`, ...point };
};

/** Where in the writing of its files a trainer dies, each once. */
export const KILL_POINTS: readonly KillPoint[] = [
  { what: 'config.json about to be there', operation: 'rename', path: '/config\\.json$', when: 'before' },
  { what: 'a line of the log half written', operation: 'write', path: '/log\\.jsonl$', when: 'half' },
  checkpoint('half written', { operation: 'write', when: 'half' }),
  checkpoint('before it is flushed', { operation: 'flush', when: 'before' }),
  checkpoint('before it takes its name', { operation: 'rename', when: 'before' }),
  checkpoint('after it took its name', { operation: 'rename', when: 'after' }),
  checkpoint('about to be removed', { operation: 'remove', when: 'before' }),
  { what: 'one weight file new', operation: 'rename', path: '/proposal\\.safetensors$', when: 'before' },
  { what: 'a picture', operation: 'rename', path: '/view/\\d+-v\\.png$', when: 'before' },
  { what: 'pictures that no index names', operation: 'rename', path: '/view/index\\.json$', when: 'before' },
];

/** The source of a module to load before a program, which kills it there. */
export function killerAt({ operation, path, when }: KillPoint, nth: number): string {
  return `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';

    const wanted = new RegExp(${JSON.stringify(path)});
    let seen = 0;
    const isIt = (kind, at) => kind === '${operation}' && wanted.test(String(at)) && ++seen === ${nth};
    const die = () => process.kill(process.pid, 'SIGKILL');

    /** Watches a function: pathOf tells from its arguments what it works on. */
    const watch = (kind, owner, name, pathOf, half) => {
      const original = owner[name];
      owner[name] = function (...args) {
        if (!isIt(kind, pathOf(...args))) return original.apply(this, args);
        if ('${when}' === 'before') die();
        const result = original.apply(this, '${when}' === 'half' ? half(args) : args);
        return result instanceof Promise ? result.then(die) : die();
      };
    };
    const halfOf = (bytes) => bytes.slice(0, bytes.length / 2);
    const opened = new Map();
    const { openSync } = fs;
    fs.openSync = (path, ...rest) => {
      const file = openSync(path, ...rest);
      opened.set(file, path);
      return file;
    };
    watch('write', fs, 'writeFileSync', (file) => opened.get(file), ([file, bytes]) => [file, halfOf(bytes)]);
    watch('flush', fs, 'fsyncSync', (file) => opened.get(file));
    const { open } = fs.promises;
    fs.promises.open = async (path, ...rest) => {
      const file = await open(path, ...rest);
      for (const name of ['writeFile', 'appendFile']) watch('write', file, name, () => path, ([bytes]) => [halfOf(bytes)]);
      for (const name of ['sync', 'datasync']) watch('flush', file, name, () => path);
      return file;
    };
    for (const [owner, rename, rm] of [[fs, 'renameSync', 'rmSync'], [fs.promises, 'rename', 'rm']]) {
      watch('rename', owner, rename, (_from, to) => to);
      watch('remove', owner, rm, (path) => path);
    }
    syncBuiltinESMExports();`;
}
