// The pictures of the fixed pair. Plain scripts, one after the other: the page has no build.

/**
 * @typedef {{ file: string, range: Record<'min' | 'mean' | 'max', number | null> }} ViewPicture
 * @typedef {{ update: number, epoch: number, pictures: Record<string, ViewPicture> }} Snapshot
 * @typedef {{ pair: string, height: number, width: number, updates: number, epochs: number, sources: Record<string, ViewPicture>, snapshots: Snapshot[] }} View
 */

/** In the order that they are shown in. */
const CAPTIONS = /** @type {Record<string, string>} */ ({
  a: 'Source a',
  b: 'Source b',
  fused: 'Fused',
  'reconstructed-a': 'a, reconstructed',
  'reconstructed-b': 'b, reconstructed',
  w: 'W, intensity',
  v: 'V, gradient',
});
const WEIGHTS = new Set(['w', 'v']);

/** The pictures of a run and the slider through its history. */
class Pictures {
  /** @param {(update: number) => void} onShow */
  constructor(onShow) {
    this.onShow = onShow;
    /** @type {View | null} */
    this.view = null;
    this.following = true;
    this.selected = 0;
    this.generation = 0;
    /** @type {Map<string, { figure: HTMLElement, image: HTMLImageElement, text: HTMLElement }>} */
    this.figures = new Map();
    this.slider = /** @type {HTMLInputElement} */ (element('when'));
    this.slider.addEventListener('input', () => this.select(Number(this.slider.value)));
    element('earlier').addEventListener('click', () => this.select(this.selected - 1));
    element('later').addEventListener('click', () => this.select(this.selected + 1));
    element('newest').addEventListener('click', () => this.select(Number.POSITIVE_INFINITY));
  }

  /** @param {View | null} view */
  show(view) {
    const newest = (/** @type {View | null} */ v) => v?.snapshots.at(-1)?.update ?? -1;
    // A training that began again gives new pictures old names.
    if (newest(view) < newest(this.view)) this.generation++;
    const looking = this.view?.snapshots[this.selected]?.update ?? 0;
    this.view = view;
    const snapshots = view?.snapshots ?? [];
    element('no-pictures').hidden = snapshots.length > 0;
    element('history').hidden = snapshots.length === 0;
    element('pair').textContent = view ? `${view.pair}, ${view.width} x ${view.height} pixels` : '';
    if (snapshots.length === 0) return;
    this.slider.max = String(snapshots.length - 1);
    const same = snapshots.findIndex(({ update }) => update >= looking);
    this.display(this.following || same < 0 ? snapshots.length - 1 : same);
  }

  /** @param {number} index held within the history; the last one follows the training */
  select(index) {
    const last = (this.view?.snapshots.length ?? 0) - 1;
    if (last < 0) return;
    this.following = index >= last;
    this.display(Math.max(0, Math.min(last, index)));
  }

  /** @param {number} index */
  display(index) {
    const view = /** @type {View} */ (this.view);
    const snapshot = view.snapshots[index];
    if (!snapshot) return;
    this.selected = index;
    this.slider.value = String(index);
    const when =
      snapshot.update === 0
        ? 'before the first update'
        : `update ${formatCount(snapshot.update)}, epoch ${snapshot.epoch}`;
    element('when-text').textContent = when;
    this.slider.setAttribute('aria-valuetext', when);
    element('newest').setAttribute('aria-pressed', String(this.following));
    /** @type {HTMLButtonElement} */ (element('earlier')).disabled = index === 0;
    /** @type {HTMLButtonElement} */ (element('later')).disabled = index === view.snapshots.length - 1;
    const pictures = { ...view.sources, ...snapshot.pictures };
    this.arrange(Object.keys(CAPTIONS).filter((name) => name in pictures));
    for (const [name, picture] of Object.entries(pictures)) this.fill(name, picture);
    element('legend').hidden = !Object.keys(pictures).some((name) => WEIGHTS.has(name));
    this.onShow(snapshot.update);
  }

  /** A figure for each name. @param {string[]} names */
  arrange(names) {
    if (names.join() === [...this.figures.keys()].join()) return;
    this.figures = new Map(names.map((name) => [name, this.newFigure(name)]));
    element('gallery').replaceChildren(...[...this.figures.values()].map(({ figure }) => figure));
  }

  /** @param {string} name */
  newFigure(name) {
    const figure = document.createElement('figure');
    if (name === 'fused') figure.className = 'main';
    const button = document.createElement('button');
    button.type = 'button';
    button.title = 'Enlarge';
    const image = document.createElement('img');
    image.alt = CAPTIONS[name] ?? name;
    if (WEIGHTS.has(name)) image.className = 'weights';
    button.append(image);
    button.addEventListener('click', () => enlarge(name, image));
    const caption = document.createElement('figcaption');
    const title = document.createElement('strong');
    title.textContent = CAPTIONS[name] ?? name;
    const text = document.createElement('span');
    caption.append(title, text);
    figure.append(button, caption);
    return { figure, image, text };
  }

  /** @param {string} name @param {ViewPicture} picture */
  fill(name, { file, range }) {
    const parts = this.figures.get(name);
    const view = /** @type {View} */ (this.view);
    if (!parts) return;
    parts.image.width = view.width;
    parts.image.height = view.height;
    const { min, mean, max } = range;
    const short = (/** @type {number | null} */ value) => value?.toFixed(2) ?? 'not finite';
    const spread = `${short(min)}–${short(max)}, mean ${short(mean)}`;
    parts.text.textContent = spread;
    const source = `/view/${file}?${this.generation}`;
    if (parts.image.dataset['wanted'] === source) return;
    parts.image.dataset['wanted'] = source;
    // Shown only when it is all there, so that nothing flickers.
    const next = new Image();
    next.src = source;
    const swap = () => {
      if (parts.image.dataset['wanted'] === source) parts.image.src = source;
    };
    next.decode().then(swap, swap);
  }
}

/** @param {string} name @param {HTMLImageElement} image */
function enlarge(name, image) {
  const large = /** @type {HTMLImageElement} */ (element('large-picture'));
  large.src = image.src;
  large.alt = image.alt;
  large.className = image.className;
  element('large-caption').textContent = `${CAPTIONS[name]}, ${element('when-text').textContent}`;
  /** @type {HTMLDialogElement} */ (element('large')).showModal();
}
