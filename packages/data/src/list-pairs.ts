import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';

/** A pair of image files. */
export interface Pair {
  /** The name that both files share, without folder and extension, in Unicode's composed form; of two single files, that of
   * the first. */
  readonly stem: string;
  readonly a: string;
  readonly b: string;
}

/** A file that is in no pair. */
export interface PairProblem {
  readonly stem: string;
  /** One sentence that names the file. */
  readonly message: string;
}

export interface PairListing {
  readonly pairs: readonly Pair[];
  readonly problems: readonly PairProblem[];
}

const EXTENSIONS = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.bmp'];
/** Pictures that people have and that are not read; passing over them in silence would leave scenes out unseen. */
const UNREAD = [
  '.gif',
  '.heic',
  '.heif',
  '.avif',
  '.jp2',
  '.jxl',
  '.svg',
  '.pgm',
  '.ppm',
  '.exr',
  '.hdr',
  '.dng',
  '.raw',
];

/** A file of a folder that is in no pair: without a partner, with a double, or of a format that is not read. */
export interface FolderProblem extends PairProblem {
  readonly kind: 'alone' | 'double' | 'unread';
}

export interface FolderListing extends PairListing {
  readonly problems: readonly FolderProblem[];
}

/** The images of a folder by their stems, or one file. */
interface Side {
  readonly path: string;
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly FolderProblem[];
  readonly isFolder: boolean;
}

/** Whether a file's name, by its extension, is that of an image that is read. */
export function isImageName(name: string): boolean {
  return !basename(name).startsWith('.') && hasExtension(name, EXTENSIONS);
}

/**
 * Pairs the images of two folders by their names without extensions (`a/01.png` and `b/01.jpg`), however
 * Unicode spells them. Hidden files, folders
 * and files with other extensions than those of PNG, JPEG, WebP, TIFF and BMP are passed over. Two files are one pair,
 * whatever their names; a file and a folder pair the file with its namesake.
 * @returns the pairs in the order of their stems' characters (the same on every machine), and one problem
 * for each stem that only one folder has, that a folder has twice, or whose picture is of a format that is not read.
 * @throws FileError if a path does not exist, a folder has no images, or nothing pairs.
 */
export async function listPairs({ a, b }: { a: string; b: string }): Promise<FolderListing> {
  const [sideA, sideB] = [await listSide(a), await listSide(b)];
  if (!sideA.isFolder && !sideB.isFolder) {
    return { pairs: [{ stem: stemOf(a), a, b }], problems: [] };
  }
  const pairs = [...sideA.files].flatMap(([stem, fileA]) => {
    const fileB = sideB.files.get(stem);
    return fileB === undefined ? [] : [{ stem, a: fileA, b: fileB }];
  });
  if (pairs.length === 0) {
    throw new FileError(
      `"${a}" and "${b}" have no image of the same name; give the two images of a pair the same name but for the extension`,
    );
  }
  if (!sideA.isFolder || !sideB.isFolder) return { pairs, problems: [] };
  const named = [...sideA.problems, ...sideB.problems];
  const known = new Set(named.map(({ stem }) => stem));
  const alone = [...withoutPartner(sideA, sideB), ...withoutPartner(sideB, sideA)];
  const problems = onePerStem([...named, ...alone.filter(({ stem }) => !known.has(stem))]);
  return { pairs: pairs.sort(byStem), problems: problems.sort(byStem) };
}

/** One scene, one problem, though both its files have one. */
function onePerStem(problems: readonly FolderProblem[]): FolderProblem[] {
  const merged = new Map<string, FolderProblem>();
  for (const problem of problems) {
    const before = merged.get(problem.stem);
    const message = before ? `${before.message}; ${problem.message}` : problem.message;
    merged.set(problem.stem, { ...(before ?? problem), message });
  }
  return [...merged.values()];
}

async function listSide(path: string): Promise<Side> {
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    (cause) => {
      throw fileError('read', path, cause);
    },
  );
  if (isFolder) return { path, isFolder, ...(await imagesOf(path)) };
  return { path, isFolder, files: new Map([[stemOf(path), path]]), problems: [] };
}

async function imagesOf(folder: string): Promise<Pick<Side, 'files' | 'problems'>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw fileError('read', folder, cause);
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  const files = new Map<string, string>();
  const problems = names.filter((name) => hasExtension(name, UNREAD)).map((name) => unread(folder, name));
  const doubles = new Set<string>();
  for (const name of names.filter((each) => hasExtension(each, EXTENSIONS)).sort()) {
    const stem = stemOf(name);
    const other = files.get(stem);
    if (other === undefined) {
      files.set(stem, join(folder, name));
      continue;
    }
    const message = `"${folder}" has two images of one name, ${basename(other)} and ${name}; remove or rename one`;
    problems.push({ stem, kind: 'double', message });
    doubles.add(stem);
  }
  for (const stem of doubles) files.delete(stem);
  if (files.size === 0) {
    const first = problems[0] ? `; ${problems[0].message}` : '';
    throw new FileError(`"${folder}" has no images; name a folder of ${EXTENSIONS.join(', ')} files${first}`);
  }
  return { files, problems };
}

function hasExtension(name: string, extensions: readonly string[]): boolean {
  return extensions.includes(extname(name).toLowerCase());
}

function unread(folder: string, name: string): FolderProblem {
  return {
    stem: stemOf(name),
    kind: 'unread',
    message: `"${join(folder, name)}" is of a format that is not read; convert it to PNG`,
  };
}

function withoutPartner(side: Side, other: Side): FolderProblem[] {
  return [...side.files]
    .filter(([stem]) => !other.files.has(stem))
    .map(([stem, file]) => ({
      stem,
      kind: 'alone',
      message: `"${file}" has no partner: "${other.path}" has no image named ${stem}; add it or remove the file`,
    }));
}

/** In Unicode's composed form: macOS may store the decomposed one, and other systems tell the two apart. */
export function stemOf(path: string): string {
  return basename(path, extname(path)).normalize('NFC');
}

/** By UTF-16 code units, as `<` compares: a locale would sort differently elsewhere. */
function byStem(p: { stem: string }, q: { stem: string }): number {
  return p.stem < q.stem ? -1 : Number(p.stem > q.stem);
}
