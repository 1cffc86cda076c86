/** A part of the rendered text that was copied from the source: same length in both. */
interface Copied {
  rendered: number;
  source: number;
  length: number;
}

interface Insertion {
  at: number;
  text: string;
  /** Closing text comes before opening text at the same place. */
  closes: boolean;
  order: number;
}

/** A text that was made from the source, and the way back. */
export interface Rendered {
  text: string;
  /** Offset in the source of a 1-based line and column of the text; the nearest copied character for inserted text. */
  sourceOffset(line: number, column: number): number;
}

/** Range of the source, end exclusive. */
export type Span = readonly [start: number, end: number];

/**
 * Edits of a source that never move a line: insertions without line breaks, and spans that become blanks. One list of
 * edits renders several texts, each with only its own spans of the source.
 */
export class Edits {
  private readonly source: string;
  private readonly insertions: Insertion[] = [];
  private readonly blanks: Span[] = [];

  constructor(source: string) {
    this.source = source;
  }

  open(at: number, text: string): void {
    this.insertions.push({ at, text, closes: false, order: this.insertions.length });
  }

  close(at: number, text: string): void {
    this.insertions.push({ at, text, closes: true, order: this.insertions.length });
  }

  blank(start: number, end: number): void {
    this.blanks.push([start, end]);
  }

  /**
   * The text with everything outside of `keep` blanked. An opening text belongs to the span that begins or continues at
   * its place, a closing text to the one that ends or continues there.
   */
  render(keep: readonly Span[], prefix: string, suffix: string): Rendered {
    const spans = keep.filter(([start, end]) => end > start).sort((a, b) => a[0] - b[0]);
    const parts: string[] = [prefix];
    const copied: Copied[] = [];
    let length = prefix.length;
    const add = (text: string) => {
      parts.push(text);
      length += text.length;
    };
    const copy = (start: number, end: number) => {
      if (end <= start) return;
      copied.push({ rendered: length, source: start, length: end - start });
      add(this.blanked(start, end));
    };
    let at = 0;
    for (const [start, end] of spans) {
      copied.push({ rendered: length, source: at, length: start - at });
      add(blankText(this.source.slice(at, start)));
      at = start;
      for (const insertion of this.within(start, end)) {
        copy(at, insertion.at);
        add(insertion.text);
        at = insertion.at;
      }
      copy(at, end);
      at = end;
    }
    add(blankText(this.source.slice(at)));
    add(suffix);
    const text = parts.join('');
    return { text, sourceOffset: (line, column) => backTo(copied, offsetOf(text, line, column)) };
  }

  private within(start: number, end: number): Insertion[] {
    return this.insertions
      .filter(({ at, closes }) => (closes ? at > start && at <= end : at >= start && at < end))
      .sort(
        (a, b) =>
          a.at - b.at ||
          Number(b.closes) - Number(a.closes) ||
          // Inner constructs are found later: they close first and open last.
          (a.closes ? b.order - a.order : a.order - b.order),
      );
  }

  private blanked(start: number, end: number): string {
    const inside = this.blanks.filter(([from, to]) => from < end && to > start).sort((a, b) => a[0] - b[0]);
    if (!inside.length) return this.source.slice(start, end);
    let text = '';
    let at = start;
    for (const [from, to] of inside) {
      text += this.source.slice(at, Math.max(at, from));
      text += blankText(this.source.slice(Math.max(at, from), Math.min(to, end)));
      at = Math.min(to, end);
    }
    return text + this.source.slice(at, end);
  }
}

/** Spaces of the same length, with the line breaks kept. */
const blankText = (text: string): string => text.replace(/[^\n\r\u2028\u2029]/g, ' ');

/** Offset of a 1-based line and column; clamped to the text. */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf('\n', at);
    if (next < 0) return text.length;
    at = next + 1;
  }
  return Math.min(at + column - 1, text.length);
}

function backTo(copied: readonly Copied[], offset: number): number {
  let low = 0;
  let high = copied.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (copied[middle]!.rendered <= offset) low = middle;
    else high = middle - 1;
  }
  const part = copied[low];
  if (!part) return 0;
  return part.source + Math.max(0, Math.min(offset - part.rendered, part.length));
}
