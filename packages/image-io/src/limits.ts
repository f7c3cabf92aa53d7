/** The largest picture that is decoded, in pixels: its RGB bytes take 300 MB. */
export const MAX_PIXELS = 100_000_000;

/** The largest image file that is read, in bytes. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;
