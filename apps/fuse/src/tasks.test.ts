import { OptionError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { describe, expect, it } from 'vitest';
import { roleDoubt, taskOf } from './tasks.js';

const dark = picture(Uint8Array.of(10, 20), [1, 2]);
const bright = picture(Uint8Array.of(200, 100), [1, 2]);
const colour = picture(Uint8Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3]);

describe('taskOf', () => {
  it('takes the option, or what the file says, and guesses nothing', () => {
    expect(taskOf('mif', {}, 'w')).toBe('mif');
    expect(taskOf(undefined, { task: 'meif' }, 'w')).toBe('meif');
    expect(taskOf('ivif', { task: 'ivif' }, 'w')).toBe('ivif');
    expect(taskOf(undefined, {}, 'ReFusion_IVIF.pth')).toBeNull();
    expect(taskOf(undefined, { task: 'toString' }, 'w')).toBeNull();
  });

  it('refuses weights of another task', () => {
    const taking = (): unknown => taskOf('mif', { task: 'ivif' }, 'w.safetensors');
    expect(taking).toThrow(OptionError);
    expect(taking).toThrow('--task is mif, but w.safetensors says that it was trained for ivif');
  });
});

describe('roleDoubt', () => {
  it('sees sources that are exchanged', () => {
    expect(roleDoubt('ivif', colour, dark)).toBe(
      'with ivif, a is infrared and b is visible, but a is in colour and b is gray: are --a and --b exchanged?',
    );
    expect(roleDoubt('mif', dark, colour)).toContain('b is in colour and a is gray');
    expect(roleDoubt('meif', bright, dark)).toContain('a is brighter than b');
  });

  it('says nothing of sources that fit, or cannot be told apart', () => {
    expect(roleDoubt('ivif', dark, colour)).toBeNull();
    expect(roleDoubt('ivif', dark, bright)).toBeNull();
    expect(roleDoubt('ivif', colour, colour)).toBeNull();
    expect(roleDoubt('mif', colour, dark)).toBeNull();
    expect(roleDoubt('meif', dark, bright)).toBeNull();
    expect(roleDoubt('mfif', bright, dark)).toBeNull();
  });
});
