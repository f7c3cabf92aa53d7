import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// Exit codes and signals belong to a process, so each test runs a program in one of its own.
const demo = (action: string): string => `
  import { FileError } from '@refusion/core';
  import { createProgram, runBatch, runProgram, untilInterrupted, wholeNumber } from '@refusion/cli';
  const program = createProgram({
    name: 'demo',
    description: 'Shows how.',
    version: '1.2.3',
    examples: ['demo --batch 3', 'demo hurry --now'],
  });
  program.argument('[file]').option('--batch <n>', 'how many', wholeNumber('--batch', { atLeast: 1 }), 1);
  program.command('hurry').option('--now', 'at once').action(() => process.stdout.write('hurried'));
  program.action(async (file, options) => { ${action} });
  await runProgram(program, ['node', 'demo', ...process.argv.slice(1)]);`;

function command(args: readonly string[], action: string): string[] {
  const conditions = ['--conditions=@refusion/source', '--import=tsx', '--input-type=module'];
  return [...conditions, '--eval', demo(action), '--', ...args];
}

const cwd = fileURLToPath(new URL('..', import.meta.url));
const env = { ...process.env, DEBUG: '', NODE_OPTIONS: '' };

function run(args: readonly string[], action = '', debug = ''): Partial<SpawnSyncReturns<string>> {
  const options = { cwd, encoding: 'utf8', env: { ...env, DEBUG: debug } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command(args, action), options);
  return { status, stdout, stderr };
}

function start(action: string): ChildProcess {
  return spawn(process.execPath, command([], action), { cwd, env });
}

describe('runProgram', () => {
  it('exits with 0 after the work is done, and with help and version on stdout', () => {
    expect(run(['--batch', '3'], 'process.stdout.write(String(options.batch + 1));')).toEqual({
      status: 0,
      stdout: '4',
      stderr: '',
    });
    expect(run(['hurry', '--now'])).toEqual({ status: 0, stdout: 'hurried', stderr: '' });
    expect(run(['--version'])).toEqual({ status: 0, stdout: '1.2.3\n', stderr: '' });
    const help = run(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain('Shows how.');
    expect(help.stdout).toMatch(/\nExamples:\n {2}\$ demo --batch 3\n {2}\$ demo hurry --now\n$/);
  });

  it.each([
    [['--bach', '3'], "error: unknown option '--bach' (Did you mean --batch?); see demo --help\n"],
    [['hurry', '--nwo'], "error: unknown option '--nwo' (Did you mean --now?); see demo --help\n"],
    [['--batch'], "error: option '--batch <n>' argument missing; see demo --help\n"],
    [['a', 'b'], 'error: too many arguments, expected 1 argument but got 2; see demo --help\n'],
    [['--batch', '1e'], 'error: --batch must be a whole number of at least 1, got "1e"\n'],
  ])('tells of wrong usage in one sentence and exits with 2: %s', (args, stderr) => {
    expect(run(args)).toEqual({ status: 2, stdout: '', stderr });
  });

  it('prints what a user can mend as one line and exits with 2, even while a timer runs', () => {
    const action = `setInterval(() => {}, 1000); throw new FileError('a.png: not an image,\\n choose another');`;
    expect(run([], action, '1')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: a.png: not an image, choose another\n',
    });
  });

  it('calls anything else a bug and exits with 1; the stack comes with DEBUG alone', () => {
    const line = 'error: x is not a function (this is a bug: please report it)\n';
    const action = `throw new TypeError('x is not a function');`;
    expect(run([], action)).toEqual({ status: 1, stdout: '', stderr: line });
    const debugged = run([], action, '1');
    expect(debugged.status).toBe(1);
    expect(debugged.stderr?.startsWith(`${line}TypeError: x is not a function\n    at `)).toBe(true);
  });

  it('treats errors thrown outside the program`s promise alike', () => {
    const action = `setTimeout(() => { throw new FileError('late.png: gone'); }, 1);`;
    expect(run([], action)).toEqual({ status: 2, stdout: '', stderr: 'error: late.png: gone\n' });
  });

  it('exits with 2 after a batch of which one item failed and the others ran', () => {
    const action = `
      const work = (name) => {
        if (name === 'b') throw new FileError('b: broken');
        process.stdout.write(name);
      };
      const onError = (name, error) => process.stdout.write('[' + error.message + ']');
      await runBatch(['a', 'b', 'c'], work, { onError });`;
    expect(run([], action)).toEqual({ status: 2, stdout: 'a[b: broken]c', stderr: '' });
  });

  it('ends quietly when the reader of its output has gone', async () => {
    const child = start(`setInterval(() => process.stdout.write('line\\n'.repeat(1000)), 1);`);
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    child.stdout?.once('data', () => child.stdout?.destroy());
    const [status] = await once(child, 'close');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('goes on when nobody reads how it goes any more', async () => {
    const child = start(`
      for (let i = 0; i < 5; i++) {
        process.stderr.write('line\\n'.repeat(20000));
        await new Promise((done) => setTimeout(done, 10));
      }
      process.stdout.write('done');
      throw new FileError('a.png: gone');`);
    let stdout = '';
    child.stdout?.on('data', (text) => {
      stdout += text;
    });
    child.stderr?.once('data', () => child.stderr?.destroy());
    const [status] = await once(child, 'close');
    expect({ status, stdout }).toEqual({ status: 2, stdout: 'done' });
  });

  // Windows has no signals to send.
  it.runIf(process.platform !== 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'exits with 130 on %s',
    async (name) => {
      const child = start(`setInterval(() => {}, 1000); process.stdout.write('ready');`);
      child.stdout?.once('data', () => child.kill(name));
      const [status, signal] = await once(child, 'close');
      expect({ status, signal }).toEqual({ status: 130, signal: null });
    },
  );

  it.runIf(process.platform !== 'win32')(
    'lets work end in its own time on Ctrl+C, SIGTERM or SIGHUP, and not on the second',
    async () => {
      const work = (ends: string): string => `
      await untilInterrupted((signal) => new Promise((done) => {
        const timer = setInterval(() => {}, 1000);
        signal.addEventListener('abort', () => { process.stdout.write('asked'); ${ends} });
        process.stdout.write('ready');
      }));
      process.stdout.write('told');`;
      const patient = start(work('setTimeout(() => { clearInterval(timer); done(); }, 50);'));
      let stdout = '';
      patient.stdout?.on('data', (text) => {
        stdout += text;
      });
      patient.stdout?.once('data', () => patient.kill('SIGINT'));
      expect(await once(patient, 'close')).toEqual([130, null]);
      expect(stdout).toBe('readyaskedtold');

      for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
        const served = start(work('clearInterval(timer); done();'));
        served.stdout?.once('data', () => served.kill(signal));
        expect(await once(served, 'close')).toEqual([130, null]);
      }

      const stubborn = start(work(''));
      stubborn.stdout?.on('data', () => stubborn.kill('SIGINT'));
      expect(await once(stubborn, 'close')).toEqual([130, null]);
    },
  );
});
