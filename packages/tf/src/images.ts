import * as tf from '@tensorflow/tfjs-core';

/** An image batch `[B, H, W, C]`. */
export type Image = tf.Tensor4D;

/** The pixels as the rows of a matrix `[BHW, C]`, on the same memory. */
export function rowsOf(image: Image): tf.Tensor2D {
  const [B, H, W, C] = image.shape;
  return tf.reshape(image, [B * H * W, C]);
}

/** The inverse of `rowsOf`, with the batch, height and width of another image. */
export function imageFromRows(rows: tf.Tensor2D, like: Image): Image {
  const [B, H, W] = like.shape;
  return tf.reshape(rows, [B, H, W, rows.shape[1]]);
}
