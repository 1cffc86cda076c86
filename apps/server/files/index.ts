export { createFiles, type Files, type Who } from './files.ts';
export { volumeNames, volumePath } from './keys.ts';
export { parseRange } from './range.ts';
export { receive } from './receive.ts';
