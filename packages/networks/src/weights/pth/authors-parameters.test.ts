import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fusionConfigOf, fusionNetwork } from '../../fusion.js';
import { expectParameters } from '../../parameters.js';
import { authorsFusionParameters } from './authors-parameters.js';
import { decodePth } from './decode-pth.js';

describe('authorsFusionParameters', () => {
  it('takes X.conv.weight for X.weight, whichever comes first, and keeps the rest', () => {
    const tensors = {
      'a.weight': 'stale',
      'a.conv.weight': 'a',
      'norm.body.weight': 'norm',
      'norm.body.bias': 'bias',
      'b.conv.weight': 'b',
      'b.weight': 'stale',
      temperature: 't',
    };
    expect({ ...authorsFusionParameters(tensors) }).toEqual({
      'a.weight': 'a',
      'norm.body.weight': 'norm',
      'norm.body.bias': 'bias',
      'b.weight': 'b',
      temperature: 't',
    });
  });

  it('gives parameters without twins back as they are', () => {
    const { specs } = fusionNetwork();
    expect({ ...authorsFusionParameters(specs) }).toEqual(specs);
  });

  it('reads our file in the form of the authors', () => {
    const path = new URL('../../../../../fixtures/pth/f32.pth', import.meta.url);
    const { tensors } = decodePth(readFileSync(path), 'f32.pth');
    const parameters = authorsFusionParameters(tensors);
    expect(Object.keys(parameters)).toEqual([
      'project_in_1.weight',
      'encoder1.0.norm1.body.bias',
      'temperature',
    ]);
    expect(parameters['project_in_1.weight']).toBe(tensors['project_in_1.conv.weight']);
  });
});

const official = new URL('../../../../../../shared/official/', import.meta.url);

describe.runIf(existsSync(official))(
  "the authors' files (skipped where ../shared/official is missing)",
  () => {
    // SHA-256 of what PyTorch 1.13 reads: the float32 bytes of `X.conv.weight` and the rest, in the order of our names.
    it.each([
      ['IVIF', '43ff10b5296d504c971726faa679b0f37e36e416aaa606ee72278cd51fdd6231'],
      ['MEIF', '88c4c0ccc78f3c5173a6da1ab03089ea6e81cf1175f98254e9a66a25bf3c1828'],
      ['MFIF', '1b00e9274d871981f96a23541462db47fdb5b7e0424ebb5c388e010c93aae6e6'],
      ['MIF', 'c43ab202964aae185b5e78517351d352cc2968398806ec9d08186479f3a81a14'],
    ])('ReFusion_%s.pth has the 59,856 parameters of the fusion network', (task, sha256) => {
      const source = `ReFusion_${task}.pth`;
      const { tensors } = decodePth(readFileSync(new URL(source, official)), source);
      const parameters = authorsFusionParameters(tensors);
      const network = fusionNetwork();

      expectParameters(source, network.specs, parameters);
      expect(fusionConfigOf(parameters)).toEqual(network.config);
      const numbers = Object.keys(parameters)
        .sort()
        .flatMap((name) => [...(parameters[name]?.data ?? [])]);
      expect(numbers).toHaveLength(59_856);
      expect(createHash('sha256').update(Float32Array.from(numbers)).digest('hex')).toBe(sha256);
    });
  },
);
