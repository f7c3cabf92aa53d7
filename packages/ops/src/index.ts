export { type BlurOptions, blur } from './blur.js';
export { type Padding, padEdges } from './pad-edges.js';
export { type SobelGradients, type SobelOptions, sobel, sobelMagnitude } from './sobel.js';
export { stencil } from './stencil.js';
