import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const SOURCE = new URL('../node.ts', import.meta.url).href;

/** Keeps two threads within a product of large matrices, and does something else meanwhile. */
function whileThreadsCompute(statement: string): { status: number | null; stdout: string; stderr: string } {
  const program = `
    import { onnxEngine } from ${JSON.stringify(SOURCE)};
    const engine = await onnxEngine({ workers: 2 });
    const square = (ops, x) => ops.matMul(x, x);
    const step = {
      name: 'powers',
      imagewise: { images: ['x'], perImage: ['y'] },
      run: (ops, { x }) => ({ y: [1, 2, 3].reduce((y) => square(ops, y), x) }),
    };
    const compute = (side) =>
      engine.evaluate(step, { x: engine.ops.constant(new Float32Array(2 * side ** 2), [2, side, side]) });
    await compute(4);
    const computing = compute(1000).then(() => console.log('computed'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    ${statement}`;
  const options = ['--conditions=@refusion/source', '--import=tsx', '--input-type=module', '--eval', program];
  return spawnSync(process.execPath, options, { encoding: 'utf8', cwd: import.meta.dirname });
}

// The programs start two threads that have TypeScript to load.
describe('threads within onnxruntime', { timeout: 60_000 }, () => {
  it('do not bring down a program that exits', () => {
    const { status, stderr } = whileThreadsCompute('process.exit(130)');
    expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  });

  it('come to their end before an engine is closed', () => {
    const { status, stdout, stderr } = whileThreadsCompute('await engine.close(); console.log("closed");');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe('computed\nclosed\n');
  });
});
