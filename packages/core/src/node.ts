export { flushFolder } from './flush-folder.js';
export { outlived, outliveThreads } from './outlive-threads.js';
export { replaceFile } from './replace-file.js';
