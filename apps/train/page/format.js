// How numbers are written. Plain scripts, one after the other: the page has no build.

/** @param {number | null | undefined} value @returns {string} a number as it is read at a glance */
function formatNumber(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** @param {number} value @returns {string} a count with its thousands apart */
function formatCount(value) {
  return Math.round(value).toLocaleString('en-US');
}

/** @param {number} seconds @returns {string} */
function formatTime(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param {number} bytes @returns {string} */
function formatBytes(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}

/** @param {string} id @returns {HTMLElement} an element that page.html has */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
