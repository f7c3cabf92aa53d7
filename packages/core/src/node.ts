export { flushFolder } from './flush-folder.js';
export { replaceFile } from './replace-file.js';
