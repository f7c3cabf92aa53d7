import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { pid } from 'node:process';
import { z } from 'zod';

export const PROCESS_MARK = z.strictObject({
  host: z.string(),
  /** What its number is a number in: containers on one machine may have the same name, and count for themselves. */
  numbering: z.string(),
  /** The start of the machine. */
  boot: z.string(),
  pid: z.int().positive(),
  /** When it began, in the machine's ticks. */
  began: z.string(),
});

/** Tells a process from all others, those that come to have its number too. What a system does not say is ''. */
export type ProcessMark = Readonly<z.output<typeof PROCESS_MARK>>;

/** The mark of this process. */
export function ownProcess(): ProcessMark {
  return {
    host: hostname(),
    numbering: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
    boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pid,
    began: beginOf(pid),
  };
}

/** Whether a process is, or was, where its number can be looked up here. */
export function sameMachine({ host, numbering }: ProcessMark): boolean {
  const own = ownProcess();
  return host === own.host && numbering === own.numbering;
}

/** Whether a process of this machine is still there. */
export function isAlive({ boot, pid: number, began }: ProcessMark): boolean {
  return boot === ownProcess().boot && exists(number) && began === beginOf(number);
}

function exists(number: number): boolean {
  try {
    process.kill(number, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Linux tells it: '' for one that has ended, and of which only the number is left until its parent asks for it. */
function beginOf(number: number): string {
  return orEmpty(() => {
    const text = readFileSync(`/proc/${number}/stat`, 'utf8');
    // The 3rd and the 22nd field, behind a name in brackets that may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] as string);
  });
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
