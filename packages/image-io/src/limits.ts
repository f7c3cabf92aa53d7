/**
 * The largest picture that is decoded, in pixels. Decoding takes at most some 15 bytes a pixel, 30 where values are scaled:
 * 1.5 and 3 GB for the largest, whatever the file's own size. (Measured: 16-bit RGB 1.0 and 1.9, progressive JPEG 1.0,
 * one channel of float32 scaled by percentiles 2.8.)
 */
export const MAX_PIXELS = 100_000_000;

/** The largest image file that is read, in bytes. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;
