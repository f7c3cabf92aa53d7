import { decimals, examples, type Program, type Surroundings } from '../options.js';
import type { ReportOptions } from './command.js';
import { shownPicture } from './show.js';

const REPORT_EXAMPLES = examples([
  'refusion-bench report results.json',
  'refusion-bench report road.json tno.json --title "Fusion on two data sets" --out page.html',
  'refusion-bench report results.json --show 00123:40,60,80,50 --show 00123:200,90,80,50 --show 00456',
]);

/** Adds the command `report`. */
export function addReport(program: Program, { streams, exit }: Surroundings): void {
  program
    .command('report')
    .summary('a page of results, with plots and pictures')
    .description(
      'Writes a page (HTML) of the results of metrics or run: the table with intervals and tests, the methods at a glance, the scores image by image, and pictures side by side. The page is one file, has no script and loads nothing.',
    )
    .argument('<results...>', 'files that metrics or run wrote, .json')
    .option('--out <file>', 'the page', 'report.html')
    .option('--title <text>', 'its heading', 'Image fusion, scored')
    .option(
      '--show <STEM[:x,y,w,h]>',
      'a pair whose pictures are shown, and a crop to enlarge, in pixels; any number of times (default: the first three pairs)',
      shownPicture,
    )
    .option('--no-pictures', 'show no pictures')
    .option('--digits <n>', 'decimal places of the numbers', decimals, 3)
    .option('--quiet', 'print nothing but errors')
    .addHelpText('after', REPORT_EXAMPLES)
    .action(async (files: string[], options: ReportOptions) => {
      // What draws plots takes a while to load, and no other command needs it.
      const { runReport } = await import('./command.js');
      exit(await runReport(files, options, streams));
    });
}
