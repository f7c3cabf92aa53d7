import { OptionError } from '@refusion/core';
import type { DataSetResults, ScoredPair } from '../results/results.js';

/** A part of a picture, in pixels from its upper left corner. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture that is to be shown, and the crops of it that are to be enlarged. */
export interface Shown {
  readonly stem: string;
  readonly crops: readonly Crop[];
}

/** How many pairs are shown where none is chosen. */
const CHOSEN = 3;
/** The most crops of a picture: there are so many colours of frames. */
export const MOST_CROPS = 4;

const CROP = /^(?<stem>.*):(?<x>\d+),(?<y>\d+),(?<width>[1-9]\d*),(?<height>[1-9]\d*)$/;

/**
 * `STEM` or `STEM:x,y,w,h`, for an option that may be given several times; those of one stem come together.
 * @throws OptionError if there is no stem, or too many crops of it
 */
export function shownPicture(text: string, before: readonly Shown[] = []): readonly Shown[] {
  const groups = CROP.exec(text)?.groups;
  const stem = groups?.['stem'] ?? text;
  if (stem === '') throw new OptionError(`--show must be STEM or STEM:x,y,w,h, got "${text}"`);
  const number = (name: string) => Number(groups?.[name]);
  const crops = groups
    ? [{ x: number('x'), y: number('y'), width: number('width'), height: number('height') }]
    : [];
  const same = before.find((shown) => shown.stem === stem);
  if (!same) return [...before, { stem, crops }];
  if (same.crops.length + crops.length > MOST_CROPS) {
    throw new OptionError(`--show ${stem} has more than ${MOST_CROPS} crops, leave some out`);
  }
  return before.map((shown) => (shown === same ? { stem, crops: [...same.crops, ...crops] } : shown));
}

/** A pair of a data set that is to be shown. */
export interface ShownPair extends Shown {
  /** Its place among the pairs. */
  readonly place: number;
  readonly pair: ScoredPair;
}

/** The pairs of a data set that are chosen and that it has, or else its first few. */
export function shownPairs({ pairs }: DataSetResults, chosen: readonly Shown[] | undefined): ShownPair[] {
  const shown = chosen ?? pairs.slice(0, CHOSEN).map(({ stem }): Shown => ({ stem, crops: [] }));
  return shown.flatMap((each) => {
    const place = pairs.findIndex(({ stem }) => stem === each.stem);
    const pair = pairs[place];
    return pair ? [{ ...each, place, pair }] : [];
  });
}

/** @throws OptionError if a chosen pair is in no data set, or what stands behind its name is no crop */
export function expectShown(dataSets: readonly DataSetResults[], chosen: readonly Shown[] = []): void {
  const has = (stem: string) => dataSets.some(({ pairs }) => pairs.some((pair) => pair.stem === stem));
  for (const { stem } of chosen) {
    if (has(stem)) continue;
    const colon = stem.lastIndexOf(':');
    if (colon >= 0 && has(stem.slice(0, colon))) {
      throw new OptionError(
        `--show ${stem}: "${stem.slice(colon + 1)}" is no crop; give x,y,w,h in whole pixels, w and h at least 1, such as ${stem.slice(0, colon)}:40,60,80,50`,
      );
    }
    const some = dataSets.flatMap(({ pairs }) => pairs.map((pair) => pair.stem)).slice(0, 5);
    throw new OptionError(
      `--show ${stem}: the results have no such image; they have ${some.join(', ')} and so on`,
    );
  }
}
