// What the server tells, put in its places. Plain scripts, one after the other: the page has no build.

/** Without a new line in the log for so long, in seconds, or ten updates, a training has stopped or hangs. */
const QUIET = 60;
const THEMES = /** @type {const} */ ({ light: 'dark', dark: 'light' });

const charts = new Charts(element('charts'));
const pictures = new Pictures((update) => charts.mark(update));

/** @type {Curves | null} */
let curves = null;
/** @type {View | null} */
let view = null;
/** Whether everything that is known of the run has been told: what it has of pictures is told last. */
let informed = false;
/** The updates of the whole training, as far as its configuration says. */
let planned = 0;
/** @type {'connecting' | 'open' | 'lost' | 'ended'} */
let connection = 'connecting';

/** @param {{ name: string, config: Record<string, unknown> | null }} run */
function showRun({ name, config }) {
  planned = plannedBy(config ?? {});
  document.title = `${name} · refusion-train`;
  element('name').textContent = name;
  const words = ['task', 'loss', 'engine']
    .map((field) => config?.[field])
    .filter((word) => typeof word === 'string');
  const data = typeof config?.['data'] === 'string' ? [`data: ${config['data']}`] : [];
  element('about').textContent = [...words, ...data].join(' · ');
}

/** @param {Record<string, unknown>} config @returns {number} 0 where the pairs decide */
function plannedBy({ epochs, metaSteps, fusionSteps }) {
  const updates = Number(epochs) * (Number(metaSteps ?? Number.NaN) + Number(fusionSteps ?? Number.NaN));
  return Number.isSafeInteger(updates) && updates > 0 ? updates : 0;
}

/** @returns {number} the updates of the whole training; 0: not known */
const totalUpdates = () => view?.updates || planned;

/** @param {Curves} content */
function showCurves(content) {
  curves = content;
  element('no-curves').hidden = content.updates > 0;
  element('charts').hidden = content.updates === 0;
  const note = content.bucket === 1 ? 'every update' : `${content.bucket} updates a point, with their range`;
  element('curves-note').textContent = content.updates > 0 ? `${note}; bold: a running mean` : '';
  if (content.updates > 0) charts.show(content);
  showFacts();
}

/** @returns {number} updates a second, lately */
function speedNow() {
  const recent = (curves?.curves['duration']?.mean ?? []).slice(-20).filter((seconds) => seconds !== null);
  return recent.length > 0 ? recent.length / recent.reduce((sum, seconds) => sum + seconds, 0) : Number.NaN;
}

/** The newest of what the charts show, as numbers. */
function showFacts() {
  if (!curves) return;
  const { updates, last } = curves;
  const total = totalUpdates();
  const speed = speedNow();
  const memory = Object.entries(last).find(([name]) => MEMORY.test(name));
  const left = (total - updates) / speed;
  /** @type {[string, string][]} */
  const facts = [
    ['Update', total > 0 ? `${formatCount(updates)} / ${formatCount(total)}` : formatCount(updates)],
    ['Epoch', `${last['epoch'] ?? 0}${view ? ` / ${view.epochs}` : ''}`],
    ['Outer objective', formatNumber(lastOf('outer.total'))],
    ['Fusion loss', formatNumber(lastOf('fusion.total'))],
    ['Speed', Number.isFinite(speed) ? `${formatNumber(Number(speed.toPrecision(3)))} /s` : '–'],
    ['Time left', total > updates ? formatTime(left) : total > 0 ? 'done' : '–'],
    memory ? ['Memory', formatBytes(memory[1])] : ['Tensors', formatNumber(last['tensors'])],
  ];
  const nodes = facts.map(([name, value]) => {
    const pair = document.createElement('div');
    const term = document.createElement('dt');
    const text = document.createElement('dd');
    term.textContent = name;
    text.textContent = value;
    pair.append(term, text);
    return pair;
  });
  element('facts').replaceChildren(...nodes);
  const percent = total > 0 ? Math.min(100, (100 * updates) / total) : 0;
  element('bar-done').style.width = `${percent}%`;
  element('bar').setAttribute('aria-valuenow', percent.toFixed(0));
  element('bar').hidden = total === 0;
}

/** @param {string} name @returns {number | null} the newest value of a curve */
function lastOf(name) {
  return curves?.curves[name]?.mean.findLast((value) => value !== null) ?? null;
}

/** Where the training stands, by the clock. */
function showStatus() {
  const place = element('status');
  const say = (/** @type {string} */ kind, /** @type {string} */ text) => {
    place.className = kind;
    if (element('status-text').textContent !== text) element('status-text').textContent = text;
  };
  const total = totalUpdates();
  const done = curves !== null && total > 0 && curves.updates >= total;
  if (connection === 'lost') return say('lost', 'no connection, trying again');
  if (done) return say('done', 'finished');
  if (connection === 'ended')
    return say('lost', 'the training has ended; look again with refusion-train watch');
  if (connection === 'connecting' || !curves || !informed) return say('', 'connecting');
  if (curves.written === null) return say('', 'waiting for the first update');
  const quiet = (Date.now() - curves.written) / 1000;
  if (quiet < Math.max(QUIET, 10 / speedNow() || 0)) return say('live', 'training');
  return say('', `no update for ${formatTime(quiet)}`);
}

function connect() {
  const events = new EventSource('/events');
  /** @param {string} topic @param {(content: any) => void} show */
  const on = (topic, show) =>
    events.addEventListener(topic, (event) => {
      connection = 'open';
      show(JSON.parse(event.data));
      showStatus();
    });
  on('run', showRun);
  on('curves', showCurves);
  on('view', (/** @type {View | null} */ content) => {
    view = content;
    informed = true;
    pictures.show(content);
    showFacts();
  });
  on('end', () => {
    events.close();
    connection = 'ended';
  });
  events.onerror = () => {
    connection = 'lost';
    showStatus();
  };
}

function toggleLog() {
  const on = !charts.log;
  element('log-scale').setAttribute('aria-pressed', String(on));
  charts.setLog(on);
}

function toggleTheme() {
  document.documentElement.dataset['theme'] = THEMES[currentTheme()];
  charts.refresh();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  l: toggleLog,
  t: toggleTheme,
  ArrowLeft: () => pictures.select(pictures.selected - 1),
  ArrowRight: () => pictures.select(pictures.selected + 1),
  Home: () => pictures.select(0),
  End: () => pictures.select(Number.POSITIVE_INFINITY),
};

document.addEventListener('keydown', (event) => {
  const act = KEYS[event.key];
  const busy = event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey;
  if (!act || busy || /** @type {HTMLDialogElement} */ (element('large')).open) return;
  event.preventDefault();
  act();
});
element('log-scale').addEventListener('click', toggleLog);
element('theme').addEventListener('click', toggleTheme);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.refresh());
setInterval(showStatus, 1000);
connect();
