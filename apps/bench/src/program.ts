import { createProgram } from '@refusion/cli';
import { addCost } from './cost/add-cost.js';
import { addMetrics } from './metrics/add-metrics.js';
import type { Program, Surroundings } from './options.js';
import { addReport } from './report/add-report.js';
import { addRun } from './run/add-run.js';
import { addSpeed } from './speed/add-speed.js';
import { addVerify } from './verify/add-verify.js';
import { VERSION } from './version.js';

const PROCESS: Surroundings = {
  streams: process,
  exit: (code) => {
    process.exitCode = code;
  },
};

/** The program `refusion-bench`, for `runProgram`. */
export function benchProgram(surroundings: Surroundings = PROCESS): Program {
  const program = createProgram({
    name: 'refusion-bench',
    description:
      'Scores fused images, makes pages of results, verifies engines number by number, and times them.',
    version: VERSION,
    examples: [
      'refusion-bench metrics --a ir --b vi --fused ours=fused',
      'refusion-bench run --weights ours.safetensors --weights other.onnx --a ir --b vi --out results',
      'refusion-bench report results.json --title "Our method"',
      'refusion-bench verify --engine all',
      'refusion-bench speed --engine wasm --runs 3',
    ],
  });
  addMetrics(program, surroundings);
  addRun(program, surroundings);
  addReport(program, surroundings);
  addVerify(program, surroundings);
  addSpeed(program, surroundings);
  addCost(program, surroundings);
  return program;
}
