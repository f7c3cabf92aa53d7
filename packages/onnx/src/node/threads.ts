import { expectInteger } from '@refusion/core';

/**
 * No machine of today has more cores, and threads beyond the cores gain nothing. The time in which onnxruntime starts
 * threads grows with the square of their number: with two cores, 9 s for so many, more than a minute for four times as many, and
 * far beyond the system has none left.
 */
const MOST_THREADS = 1024;

/** @throws OptionError unless so many threads, from 1 to 1024, can be started */
export function expectThreads(where: string, name: string, threads: number): void {
  expectInteger(where, name, threads, 1, MOST_THREADS);
}
