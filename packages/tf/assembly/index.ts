// The kernels of the WebAssembly engine, in AssemblyScript. They work on the memory of TensorFlow.js's backend, which
// they import, and have no data, no stack and no allocator of their own: arguments are addresses and lengths.
// `npm run assembly -w @refusion/tf` compiles them into ../src/wasm/simd-code.ts.
export { depthwise, depthwiseFilterGrad } from './depthwise';
export { gelu, geluSlope, maximum, sign } from './elementwise';
export { layerNorm, layerNormInputGrad } from './layer-norm';
export { crossProducts, product } from './products';
export { squaredNorms, sum } from './sums';
