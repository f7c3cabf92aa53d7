import { OptionError } from '@refusion/core';
import { expect, it } from 'vitest';
import { namedWeights } from './named-weights.js';

it('reads a name and a file, or names the file after itself', () => {
  const first = namedWeights('ours=runs/lr=3/fusion.safetensors');
  const both = namedWeights('runs/lr=3/ReFusion_IVIF.pth', first);
  expect(both).toEqual([
    { name: 'ours', path: 'runs/lr=3/fusion.safetensors' },
    { name: 'ReFusion_IVIF', path: 'runs/lr=3/ReFusion_IVIF.pth' },
  ]);
});

it.each([
  ['=a.pth', '--weights must be NAME=file or a file, got "=a.pth"'],
  ['a=', '--weights must be NAME=file or a file, got "a="'],
  ['', '--weights must be NAME=file or a file, got ""'],
  ['..=a.pth', '--weights ..=a.pth: ".." cannot be the name of a folder; choose another with NAME=file'],
  ['a:b=a.pth', '--weights a:b=a.pth: "a:b" cannot be the name of a folder; choose another with NAME=file'],
  ['Ours=b.pth', '--weights has the name "Ours" twice; give "b.pth" another with NAME=file'],
])('refuses %s', (text, message) => {
  expect(() => namedWeights(text, [{ name: 'ours', path: 'a.pth' }])).toThrow(new OptionError(message));
});
