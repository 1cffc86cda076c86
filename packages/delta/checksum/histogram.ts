/** PROTOCOL.md "File Size Histogram Schema": files by their size, in bytes. */
export interface SizeHistogram {
  /** Bin i holds sizes from boundary i on, below boundary i + 1. */
  sortedBinBoundaries: readonly number[];
  fileCounts: number[];
  totalBytes: number[];
}

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;

/** Spark's bins: whoever goes on with a histogram keeps the boundaries that it finds. From, up to, in steps of. */
const STEPS: readonly (readonly [number, number, number])[] = [
  [8, 40, 4],
  [48, 120, 8],
  [124, 144, 4],
  [160, 576, 16],
  [640, 1408, 64],
  [1536, 2048, 128],
  [2304, 4096, 256],
];

export const SIZE_BINS: readonly number[] = [
  0,
  ...Array.from({ length: 10 }, (_, power) => 8 * KB * 2 ** power),
  ...STEPS.flatMap(([from, to, step]) =>
    Array.from({ length: (to - from) / step + 1 }, (_, index) => (from + index * step) * MB),
  ),
  ...Array.from({ length: 6 }, (_, power) => 8 * GB * 2 ** power),
];

/** Index of the bin of a size: the last boundary that is not above it. */
export function sizeBin(size: number): number {
  let [low, high] = [0, SIZE_BINS.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (SIZE_BINS[middle]! <= size) low = middle;
    else high = middle - 1;
  }
  return low;
}

const INT_MAX = 2_147_483_647;
export const DELETED_BINS = 10;

/** Files by their deleted rows: none, then by the number of digits up to 7, then up to the largest int, then that and more. */
export function deletedBin(rows: number): number {
  if (rows <= 0) return 0;
  if (rows >= INT_MAX) return 9;
  return Math.min(String(rows).length, 8);
}
