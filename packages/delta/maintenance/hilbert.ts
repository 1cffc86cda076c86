/**
 * Hilbert's curve as engine text: neighbours on it are neighbours in every dimension, where the curve of Z-order jumps.
 * Skilling's transformation ("Programming the Hilbert curve", 2004) turns the numbers of the columns' ranges into numbers whose
 * interleaved bits are the place on the curve; each of its steps is one projection.
 */

/** The relation with the columns of `axes` (engine names of `bits`-bit integers) turned; the other columns stay. */
export function turned(rows: string, axes: readonly string[], bits: number, scratch: string): string {
  const [first, last] = [axes[0]!, axes.at(-1)!];
  const step = (from: string, changed: readonly (readonly [name: string, value: string])[]) =>
    `SELECT * REPLACE (${changed.map(([name, value]) => `${value} AS ${name}`).join(', ')}) FROM (${from}) AS source`;
  let at = rows;
  for (let bit = 2 ** (bits - 1); bit > 1; bit /= 2) {
    const low = bit - 1;
    for (const axis of axes) {
      const isSet = `(${axis} & ${bit}) <> 0`;
      // Either the low bits of the first axis turn over, or it changes them with the other one.
      const exchanged = `(xor(${first}, ${axis}) & ${low})`;
      at =
        axis === first
          ? step(at, [[first, `CASE WHEN ${isSet} THEN xor(${first}, ${low}) ELSE ${first} END`]])
          : step(at, [
              [first, `CASE WHEN ${isSet} THEN xor(${first}, ${low}) ELSE xor(${first}, ${exchanged}) END`],
              [axis, `CASE WHEN ${isSet} THEN ${axis} ELSE xor(${axis}, ${exchanged}) END`],
            ]);
    }
  }
  // Gray code over all axes.
  for (const [index, axis] of axes.entries())
    if (index > 0) at = step(at, [[axis, `xor(${axis}, ${axes[index - 1]!})`]]);
  let flips = '0';
  for (let bit = 2 ** (bits - 1); bit > 1; bit /= 2)
    flips = `xor(${flips}, CASE WHEN (${last} & ${bit}) <> 0 THEN ${bit - 1} ELSE 0 END)`;
  at = `SELECT *, ${flips} AS ${scratch} FROM (${at}) AS source`;
  return step(
    at,
    axes.map((axis) => [axis, `xor(${axis}, ${scratch})`]),
  );
}
