import { OptionError } from '@refusion/core';
import type { Picture } from '@refusion/image-io';
import sharp from 'sharp';
import type { Crop } from './show.js';

/** The longest side of an embedded picture, in pixels: a page of a hundred of them stays below a few megabytes. */
const LONGEST = 360;

/** A picture inside the page. */
export interface Embedded {
  /** A data URL. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

function rawOf({ data, shape }: Picture): sharp.Sharp {
  const [height, width] = shape;
  const channels = shape.length === 3 ? 3 : 1;
  return sharp(data, { raw: { height, width, channels } }).toColourspace(channels === 3 ? 'srgb' : 'b-w');
}

const urlOf = (type: string, bytes: Buffer): string =>
  `data:image/${type};base64,${bytes.toString('base64')}`;

/** The whole picture, made smaller if it is large; its size is that of the picture itself. */
export async function thumbnail(picture: Picture): Promise<Embedded> {
  const [height, width] = picture.shape;
  const bytes = await rawOf(picture)
    .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return { url: urlOf('jpeg', bytes), width, height };
}

/**
 * A crop, pixel by pixel unless it is large.
 * @throws OptionError if it reaches out of the picture
 */
export async function cropped(picture: Picture, stem: string, crop: Crop): Promise<Embedded> {
  const [height, width] = picture.shape;
  const { x, y } = crop;
  if (x + crop.width > width || y + crop.height > height) {
    throw new OptionError(
      `--show ${stem}:${x},${y},${crop.width},${crop.height} reaches out of the picture of ${width}x${height} pixels`,
    );
  }
  const bytes = await rawOf(picture)
    .extract({ left: x, top: y, width: crop.width, height: crop.height })
    .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
  return { url: urlOf('png', bytes), width: crop.width, height: crop.height };
}
