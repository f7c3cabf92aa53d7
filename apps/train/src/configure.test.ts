import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptionError } from '@refusion/core';
import { PAPER_SETTINGS } from '@refusion/meta';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULTS, PRESETS } from './config.js';
import { configFileLayers, configSchema } from './config-file.js';
import { completed, type Layer, trainConfig } from './configure.js';
import { settingsOf } from './schedule.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-config-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function file(content: string, name = 'run.yaml'): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

describe('trainConfig', () => {
  it('fills in the defaults, and the preset below what is given', () => {
    expect(trainConfig({ data: 'synthetic' })).toEqual({ ...DEFAULTS, data: 'synthetic' });
    const config = trainConfig({ data: 'synthetic', preset: 'small', epochs: 3, network: { dim: 24 } });
    expect(config).toMatchObject({ epochs: 3, lr: PRESETS.small.lr, crop: PRESETS.small.crop });
    expect(config.network).toEqual({ ...PRESETS.small.network, dim: 24 });
  });

  it("has the authors' values in the preset paper", () => {
    // By the paper and the authors' programs: no number here comes from this repository.
    expect(PRESETS.paper).toEqual({
      epochs: 50,
      metaSteps: null,
      fusionSteps: null,
      innerSteps: 1,
      accumulate: 2,
      batch: 2,
      crop: 128,
      symmetries: true,
      exchange: true,
      split: 'halves',
      lr: 1e-4,
      outerLr: null,
      eta: null,
      decay: 0.1,
      decayEvery: 10,
      outer: 'normalised',
      loss: 'learnable',
      alphaF: 'ramp',
      alphaR: 1,
      network: { dim: 16, blocks: 2, heads: 8, ffn: 2 },
    });
    const config = trainConfig({ data: 'synthetic', preset: 'paper' });
    expect(settingsOf(config, { pairs: 3000, metaTrain: 1500 }, String)).toEqual({
      ...PAPER_SETTINGS,
      fusionSteps: 1500,
    });
    expect(PAPER_SETTINGS).toEqual({
      epochs: 50,
      metaSteps: 600,
      fusionSteps: 600,
      innerSteps: 1,
      accumulate: 2,
      rate: 1e-4,
      outerRate: null,
      eta: null,
      decay: 0.1,
      decayEvery: 10,
      outerUpdate: 'normalised',
    });
  });

  it.each([
    [{ metaSteps: -1 }, 'trainConfig: metaSteps must be a whole number of at least 0, got -1'],
    [{ metaSteps: 2.5 }, 'trainConfig: metaSteps must be a whole number of at least 0, got 2.5'],
    [{ epochs: '3' }, 'trainConfig: epochs must be a whole number of at least 1, got "3"'],
    [{ epochs: null }, 'trainConfig: epochs must be a whole number of at least 1, got null'],
    [{ lr: Number.NaN }, 'trainConfig: lr must be a number above 0, got NaN'],
    [{ eta: Number.POSITIVE_INFINITY }, 'trainConfig: eta must be a number above 0, got Infinity'],
    [{ alphaF: 'rump' }, 'trainConfig: alphaF must be a number of at least 0, or "ramp", got "rump"'],
    [{ exchange: 1 }, 'trainConfig: exchange must be true or false, got 1'],
    [{ task: 'video' }, 'trainConfig: task must be one of ivif, mif, mfif, meif, got "video"'],
    [{ split: ['halves'] }, 'trainConfig: split must be one of halves, alternate, got ["halves"]'],
    [
      { checkpointEvery: '10s' },
      'trainConfig: checkpointEvery must be a number of updates, or of minutes as in "10min", got "10s"',
    ],
    [{ network: { dim: 0 } }, 'trainConfig: network.dim must be a whole number of at least 1, got 0'],
    [{ network: 8 }, 'trainConfig: network must be a record of dim, blocks, heads, ffn, got 8'],
    [{ network: { width: 8 } }, 'trainConfig: network.width is no setting'],
    [{ 'meta-steps': 3 }, 'trainConfig: meta-steps is no setting, use metaSteps'],
    [{ dim: 3 }, 'trainConfig: dim is no setting, use network.dim'],
    [{ preset: 'large' }, 'trainConfig: preset must be one of paper, small, got "large"'],
    [{ data: '' }, 'trainConfig: data must be the name of a folder, got ""'],
    [{ data: undefined }, 'trainConfig: data is missing: name a folder of pairs, or "synthetic"'],
    [{ data: 'here' }, 'trainConfig: data names a folder, so trainConfig: a and trainConfig: b must name'],
    [{ network: { heads: 5 } }, 'trainConfig: network.heads must divide dim, got 5 heads for dim 16'],
  ])('names the field that does not fit: %j', (given, message) => {
    const make = () => trainConfig({ data: 'synthetic', ...(given as object) });
    expect(make).toThrow(OptionError);
    expect(make).toThrow(message);
  });
});

describe('a configuration file', () => {
  const config = async (path: string, ...above: Layer[]) =>
    completed([...(await configFileLayers(path)), ...above]);

  it.each([
    ['run.yaml', 'preset: small\ndata: synthetic\nepochs: 2 # few\nnetwork:\n  blocks: 3\n'],
    ['run.json', '{"preset": "small", "data": "synthetic", "epochs": 2,\n\t"network": {"blocks": 3}}'],
  ])('in %s stands above its preset and below the flags', async (name, content) => {
    const flags = { values: { epochs: 5 }, label: (field: string) => `--${field}` };
    const path = file(content, name);
    expect(await config(path)).toMatchObject({ data: 'synthetic', epochs: 2, crop: PRESETS.small.crop });
    expect((await config(path, flags)).epochs).toBe(5);
    expect((await config(path)).network).toEqual({ ...PRESETS.small.network, blocks: 3 });
  });

  it.each([
    ['metaSteps: -3', 'run.yaml: metaSteps must be a whole number of at least 0, got -3'],
    ['meta_steps: 3', 'run.yaml: meta_steps is no setting, use metaSteps'],
    ['network: {heads: many}', 'run.yaml: network.heads must be a whole number of at least 1, got "many"'],
    [
      'data: synthetic\nnetwork: {heads: 5}',
      'run.yaml: network.heads must divide dim, got 5 heads for dim 16',
    ],
    ['preset: huge', 'run.yaml: preset must be one of paper, small, got "huge"'],
    ['- 1\n- 2', 'run.yaml: the settings must be a record, got [1,2]'],
    ['', 'run.yaml: has no settings in it, write some such as "epochs: 2"'],
    ['metastep: 3', 'run.yaml: metastep is no setting, use metaSteps'],
    ['xyz: 3', /run\.yaml: xyz is no setting$/],
    ['a: [', 'run.yaml: neither YAML nor JSON, '],
    ['epochs: 1\nepochs: 2', 'run.yaml: neither YAML nor JSON, Map keys must be unique'],
    ['epochs: 3', 'run.yaml: data is missing: name a folder of pairs, or "synthetic"'],
    [
      `data: &a [x,x]\na: &b [${'*a,'.repeat(99)}]\nb: [${'*b,'.repeat(99)}]`,
      'run.yaml: neither YAML nor JSON',
    ],
  ])('is refused in one sentence: %j', async (content, message) => {
    await expect(config(file(content))).rejects.toThrow(message);
  });

  it('is named where it is missing or far too large', async () => {
    await expect(config(join(scratch, 'gone.yaml'))).rejects.toThrow(
      /gone\.yaml" cannot be read: there is no/,
    );
    await expect(config(scratch)).rejects.toThrow('it is a folder; name a file');
    await expect(config(file('#'.repeat(1_000_001)))).rejects.toThrow(
      '1000001 bytes, name a configuration file',
    );
  });
});

describe('the published schema', () => {
  const shipped = join(import.meta.dirname, '..', 'config.schema.json');

  it('is the one that the settings are checked by (vitest -u writes it)', async () => {
    await expect(`${JSON.stringify(configSchema(), null, 2)}\n`).toMatchFileSnapshot(shipped);
  });

  it('accepts and refuses, in a validator that is not ours, what the program does', () => {
    const valid = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(shipped, 'utf8')));
    for (const good of [
      {},
      { preset: 'paper', data: 'pairs', a: 'ir', b: 'vi', $schema: 'config.schema.json' },
      { ...DEFAULTS, data: 'synthetic' },
      { network: { dim: 4 }, alphaF: 'ramp', checkpointEvery: 20, outerLr: null },
    ]) {
      expect(valid(good), JSON.stringify(good)).toBe(true);
    }
    for (const bad of [
      { epochs: 0 },
      { epochs: '1' },
      { task: 'video' },
      { network: { dim: 0 } },
      { network: { width: 1 } },
      { metasteps: 1 },
      { preset: 'huge' },
      { alphaF: -1 },
    ]) {
      expect(valid(bad), JSON.stringify(bad)).toBe(false);
    }
  });
});
