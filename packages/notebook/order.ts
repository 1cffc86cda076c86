/**
 * Places between places: a cell's `order` is text, and cells sort by it byte by byte. Between two different places there is
 * always another one, so moving a cell writes one value and two people who move cells at once never conflict.
 */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const last = digits.length - 1;
const value = (text: string, at: number): number => digits.indexOf(text[at] ?? '0');

export const isOrder = (text: string): boolean => /^[0-9A-Za-z]*[1-9A-Za-z]$/.test(text);

/**
 * A place after `before` and before `after` (null: the end on that side). Places never end in '0', since nothing would fit
 * before such a one. Throws RangeError unless before < after.
 */
export function orderBetween(before: string | null, after: string | null): string {
  if (before !== null && after !== null && before >= after)
    throw new RangeError(`No place between ${before} and ${after}`);
  if (before === null && after === null) return 'V';
  if (after === null) return next(before!);
  if (before === null) return previous(after);
  return middle(before, after);
}

// Appending is the usual case: counting up keeps places short, where halving would lengthen them every sixth time.
function next(text: string): string {
  const digit = value(text, text.length - 1);
  return digit < last ? text.slice(0, -1) + digits[digit + 1] : `${text}1`;
}

function previous(text: string): string {
  const digit = value(text, text.length - 1);
  return digit > 1 ? text.slice(0, -1) + digits[digit - 1] : `${text.slice(0, -1)}0${digits[last]}`;
}

function middle(before: string, after: string): string {
  let common = '';
  for (let at = 0; ; at++) {
    const low = value(before, at);
    const high = at < after.length ? value(after, at) : digits.length;
    if (low === high) {
      common += digits[low];
      continue;
    }
    if (high - low > 1) return common + digits[Math.floor((low + high) / 2)];
    // Neighbouring digits: stay on the lower one, and go anywhere above the rest of `before`.
    return common + digits[low] + above(before.slice(at + 1));
  }
}

function above(rest: string): string {
  if (rest === '') return 'V';
  const digit = value(rest, 0);
  if (digit === last) return digits[last] + above(rest.slice(1));
  return digits[Math.ceil((digit + digits.length) / 2)] ?? digits[last]!;
}

/** `count` places in order, for a new document. */
export function orders(count: number): string[] {
  const places: string[] = [];
  for (let index = 0; index < count; index++) places.push(orderBetween(places.at(-1) ?? null, null));
  return places;
}
