import type { TracedGraph } from '../graph/trace.js';
import { geluPass, rectifierPass } from './activations.js';
import { channelsPass } from './channels.js';
import { expandedPass, unblockedPass } from './expansions.js';
import { gradientsAsConvolutionsPass, pixelsAsImagesPass } from './images.js';
import { layerNormPass, writtenOutLayerNormPass } from './layer-norm.js';
import { piecesPass } from './pieces.js';
import { convolutionsAddedFirstPass, smallProductsFirstPass } from './products.js';
import { reassociatedPass } from './reassociate.js';
import { type Pass, rewrite } from './rewrite.js';
import { scalarsPass } from './scalars.js';
import { stackedProductsPass } from './stacks.js';
import { sumsPass } from './sums.js';

/** In order: each sees what the ones before it have made. */
const PASSES: readonly Pass[] = [
  expandedPass,
  layerNormPass,
  writtenOutLayerNormPass(),
  stackedProductsPass,
  smallProductsFirstPass,
  convolutionsAddedFirstPass,
];

/** The same function in the form that suits images in blocks. */
export function optimisedForBlocks(traced: TracedGraph, block: number): TracedGraph {
  const passes: readonly Pass[] = [
    piecesPass,
    pixelsAsImagesPass,
    gradientsAsConvolutionsPass,
    rectifierPass,
    channelsPass,
    reassociatedPass,
    geluPass,
    scalarsPass,
    unblockedPass(block),
    writtenOutLayerNormPass(block),
    sumsPass,
  ];
  return passes.reduce(rewrite, traced);
}

/** The same function in the form that a runtime computes fastest; see `docs/decisions`. */
export function optimised(traced: TracedGraph): TracedGraph {
  return PASSES.reduce(rewrite, traced);
}
