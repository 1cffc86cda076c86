/**
 * Where empty directories of a volume are remembered: an object store has none of its own. They lie beside the volume and
 * not in it, so that no reader of its files meets a marker.
 */
export const volumeDirectories = (location: string): string => location.replace(/^volumes\//, 'volume-directories/');

export const directoryMark = '.directory';
