import { gaussianTaps, type LocalMeans, type Plane, slideWindow } from './window.js';

/** The side of the window. */
export const GAUSSIAN_WINDOW = 11;
const TAPS = gaussianTaps(GAUSSIAN_WINDOW, 1.5);
const DATA_RANGE = 255;
const C1 = (0.01 * DATA_RANGE) ** 2;
const C2 = (0.03 * DATA_RANGE) ** 2;

/** Means over all windows: of SSIM, and of its second factor, contrast and structure, alone. */
export interface MeanSsim {
  readonly ssim: number;
  readonly contrast: number;
}

interface Sums {
  ssim: number;
  contrast: number;
}

/** Adds the windows of a row. */
function addRow(sums: Sums, { x, y, xx, yy, xy }: LocalMeans, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const meanX = x[i] as number;
    const meanY = y[i] as number;
    const crossed = meanX * meanY;
    const squared = meanX * meanX + meanY * meanY;
    const covariance = (xy[i] as number) - crossed;
    const variances = (xx[i] as number) + (yy[i] as number) - squared;
    const contrast = (2 * covariance + C2) / (variances + C2);
    sums.contrast += contrast;
    sums.ssim += (contrast * (2 * crossed + C1)) / (squared + C1);
  }
}

/**
 * Mean SSIM of an image and each of its partners, as Wang et al. (2004) define it: 11x11 Gaussian windows inside the image
 * with a standard deviation of 1.5, covariances weighted as they are (no N-1), data range 255.
 * @param image at least 11x11
 */
export function gaussianSsim(image: Plane, partners: readonly Plane[]): MeanSsim[] {
  const sums = partners.map((): Sums => ({ ssim: 0, contrast: 0 }));
  slideWindow(TAPS, image, partners, (partner, means, start, end) =>
    addRow(sums[partner] as Sums, means, start, end),
  );
  const windows = (image.height - GAUSSIAN_WINDOW + 1) * (image.width - GAUSSIAN_WINDOW + 1);
  return sums.map(({ ssim, contrast }) => ({ ssim: ssim / windows, contrast: contrast / windows }));
}
