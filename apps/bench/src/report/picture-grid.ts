import { readPicture } from '@refusion/image-io/node';
import type { DataSetResults } from '../results/results.js';
import { cropped, type Embedded, thumbnail } from './embed-picture.js';
import { type Html, html } from './html.js';
import type { Crop, ShownPair } from './show.js';

/** A picture of a pair: a source, the truth or a method's. */
interface Part {
  readonly name: string;
  readonly path: string;
}

/**
 * A pair's pictures side by side as papers show them: the sources, the truth if there is one, and each method's. Crops are
 * framed, and enlarged below.
 * @throws FileError if one cannot be read; OptionError if a crop reaches out of it
 */
export async function pictureGrid(dataSet: DataSetResults, shown: ShownPair): Promise<Html> {
  const { stem, crops } = shown;
  const cells: Html[] = [];
  // One after the other, so that no more than one large picture is in memory.
  for (const part of partsOf(dataSet, shown)) cells.push(await pictureCell(part, stem, crops));
  return html`<h4>${stem}</h4>\n<div class="pictures">${cells}</div>\n`;
}

function partsOf({ methods }: DataSetResults, { pair, place }: ShownPair): Part[] {
  return [
    { name: 'source A', path: pair.a },
    { name: 'source B', path: pair.b },
    ...(pair.truth === undefined ? [] : [{ name: 'truth', path: pair.truth }]),
    ...methods.map(({ name, fused }) => ({ name, path: fused[place] as string })),
  ];
}

async function pictureCell({ name, path }: Part, stem: string, crops: readonly Crop[]): Promise<Html> {
  const picture = await readPicture(path);
  const whole = await thumbnail(picture);
  const parts = await Promise.all(crops.map((crop) => cropped(picture, stem, crop)));
  const enlarged = parts.map(
    ({ url, width, height }, place) =>
      html`<img class="crop crop-${place}" src="${url}" alt="${stem}, ${name}, crop ${place + 1}" width="${width}" height="${height}">`,
  );
  return html`<figure><div class="whole"><img src="${whole.url}" alt="${stem}, ${name}" width="${whole.width}" height="${whole.height}">${framesOf(whole, crops)}</div>
${enlarged.length > 0 && html`<div class="crops">${enlarged}</div>`}<figcaption>${name}</figcaption></figure>\n`;
}

/** The frames of the crops, in the colours of their enlargements. */
function framesOf({ width, height }: Embedded, crops: readonly Crop[]): Html | null {
  if (crops.length === 0) return null;
  const frames = crops.map(
    (crop, place) =>
      html`<rect class="frame-${place}" x="${crop.x}" y="${crop.y}" width="${crop.width}" height="${crop.height}"/>`,
  );
  return html`<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">${frames}</svg>`;
}
