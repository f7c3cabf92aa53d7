const TWIN = '.conv.weight';

/**
 * The parameters of a file by the authors, under the names of `fusionNetwork`. Their training kept each convolution
 * in a module of its own, so that a filter stands in a file twice, as `X.weight` and as `X.conv.weight`: the
 * second is what their network computes with, and becomes `X.weight` here. All else is kept, so that a file
 * without such twins comes back as it is.
 *
 * @example
 * const parameters = authorsFusionParameters(decodePth(bytes, 'ReFusion_IVIF.pth').tensors);
 * expectParameters('ReFusion_IVIF.pth', fusionNetwork().specs, parameters);
 */
export function authorsFusionParameters<T>(tensors: Readonly<Record<string, T>>): Record<string, T> {
  const twins = Object.keys(tensors).filter((name) => name.endsWith(TWIN));
  const replaced = new Set(twins.map(filterName));
  const parameters: Record<string, T> = Object.create(null);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.endsWith(TWIN)) parameters[filterName(name)] = tensor;
    else if (!replaced.has(name)) parameters[name] = tensor;
  }
  return parameters;
}

function filterName(twin: string): string {
  return `${twin.slice(0, -TWIN.length)}.weight`;
}
