export type { Command } from 'commander';
export { type BatchCounts, runBatch } from './batch.js';
export type { ProgressStream } from './display.js';
export { errorLine } from './error-line.js';
export { untilInterrupted } from './interruption.js';
export {
  byteSize,
  choice,
  list,
  type NamedPath,
  nameAndPath,
  nonNegativeNumber,
  type OptionParser,
  positiveNumber,
  wholeNumber,
} from './option-parsers.js';
export { expectOtherFolder } from './other-folder.js';
export { prepareOutputFolder } from './output-folder.js';
export { printable } from './printable.js';
export { createProgram, type ProgramInfo } from './program.js';
export { type Progress, type ProgressOptions, progress } from './progress.js';
export { runProgram } from './run-program.js';
export {
  type Alignment,
  escapeMarkdown,
  formatCsv,
  formatMarkdown,
  formatTable,
  type TableOptions,
} from './table.js';
