import { join } from 'node:path';
import type { Picture } from '@refusion/image-io';
import { encodePng, readPicture, writeFileAtomic } from '@refusion/image-io/node';
import { type Curve, curvesScript, plotLibrary } from './curves.js';
import { escaped, inlinePng, STYLE } from './html.js';
import { PLAN, type Places } from './plan.js';
import type { TestScene } from './scenes.js';
import { type Scores, scoreTable } from './scores.js';
import type { ShownMap, WeightMaps } from './weight-maps.js';

/** Everything that the report shows. */
export interface ReportContent {
  readonly scenes: readonly TestScene[];
  readonly maps: readonly WeightMaps[];
  readonly curves: readonly Curve[];
  readonly scores: Scores;
  readonly commands: readonly string[];
  readonly seconds: number;
}

/** Writes the report: one page that loads nothing from elsewhere. */
export async function writeReport(places: Places, content: ReportContent): Promise<void> {
  const { script, style } = await plotLibrary();
  const rows = await Promise.all(content.scenes.map((scene, i) => sceneRow(places, scene, content.maps[i])));
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>ReFusion quickstart</title><style>${style}\n${STYLE}</style></head><body>
<h1>ReFusion: a fusion loss, learned</h1>
<p class="lead">In ${content.seconds.toFixed(0)} seconds this machine drew ${PLAN.scenes} scenes in infrared and visible light,
meta-trained three small networks on them, and fused ${PLAN.testScenes} scenes that the training never saw.</p>
<h2>Unseen scenes</h2>
<p>W<sub>a</sub> and V<sub>a</sub> are what the network P learned to ask for, pixel by pixel: the share of the infrared intensity
and of the infrared gradient that the fused picture should keep. Bright means more; the range stands below each map.</p>
<div class="grid">${['infrared', 'visible', 'fused', 'average', 'W<sub>a</sub>', 'V<sub>a</sub>'].map((name) => `<b>${name}</b>`).join('')}
${rows.join('\n')}</div>
<h2>Scores</h2>
<p>The mean over the unseen scenes, in the <i>${escaped(content.scores.convention)}</i> convention. A few minutes of training do not beat
every simple rule on every metric; longer training on real pairs is what the trainer is for.</p>
${scoreTable(content.scores)}
<h2>The training</h2>
<div class="curves">${content.curves.map(curvePlace).join('\n')}</div>
<h2>What ran</h2>
<pre>${content.commands.map((command) => `$ ${escaped(command)}`).join('\n')}</pre>
<script>${script}</script><script>${curvesScript(content.curves)}</script>
</body></html>
`;
  await writeFileAtomic(places.report, Buffer.from(page));
}

function curvePlace({ title, note }: Curve, index: number): string {
  return `<div><h3>${escaped(title)}</h3><p>${escaped(note)}</p><div id="curve-${index}"></div></div>`;
}

async function sceneRow(places: Places, scene: TestScene, maps: WeightMaps | undefined): Promise<string> {
  const file = `${scene.stem}.png`;
  const [fused, average] = await Promise.all(
    [places.fused, places.average].map((folder) => readPicture(join(folder, file))),
  );
  const cell = async (picture: Picture, name: string): Promise<string> =>
    inlinePng(await encodePng(picture), `${scene.stem}, ${name}`);
  const map = async (shown: ShownMap | undefined, name: string): Promise<string> =>
    shown
      ? `<div>${await cell(shown.picture, name)}<small>${shown.least.toFixed(2)} to ${shown.greatest.toFixed(2)}</small></div>`
      : '';
  const cells = [
    `<div>${await cell(scene.a, 'infrared')}</div>`,
    `<div>${await cell(scene.b, 'visible')}</div>`,
    `<div class="ours">${await cell(fused as Picture, 'fused')}</div>`,
    `<div>${await cell(average as Picture, 'average')}</div>`,
    await map(maps?.w, 'W_a'),
    await map(maps?.v, 'V_a'),
  ];
  return cells.join('');
}
