import { DataFrame } from '../frame/dataframe.ts';
import type { SdkHost } from '../host.ts';
import { CommandResult } from '../session/command.ts';
import { localTable, MAX_LOCAL_ROWS } from './table.ts';

/** Something with its own ways to be shown: `toMimeBundle()` gives MIME types with their contents. */
interface Displayable {
  toMimeBundle(): Record<string, unknown> | Promise<Record<string, unknown>>;
}

const isDisplayable = (value: unknown): value is Displayable =>
  typeof value === 'object' && value !== null && 'toMimeBundle' in value && typeof value.toMimeBundle === 'function';

/** HTML of a cell: `display(html\`<b>${value}</b>\`)`. Values are escaped; nested html is not. */
export class Html implements Displayable {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toMimeBundle(): Record<string, unknown> {
    return { 'text/html': this.text };
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (value: unknown): string => {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escapeHtml).join('');
  return String(value ?? '').replace(/[&<>"']/g, (character) => ESCAPES[character]!);
};

export const html = (strings: TemplateStringsArray, ...values: readonly unknown[]): Html =>
  new Html(strings.reduce((all, part, i) => all + escapeHtml(values[i - 1]) + part));

/** Values whose JSON is longer are shown as text, which is cut. */
const MAX_JSON_CHARACTERS = 256 * 1024;

/** Shows a value of a kind that this library knows; undefined: it is not one. */
export function presentKnown(host: SdkHost, value: unknown): Promise<void> | undefined {
  if (value instanceof DataFrame) return value.display();
  if (value instanceof CommandResult) return value.display();
  if (isDisplayable(value)) return (async () => host.show({ ...(await value.toMimeBundle()) }))();
  const table = localTable(value);
  if (table) {
    return (async () => {
      if (table.total > table.rows.length)
        host.print('stderr', `Showing the first ${MAX_LOCAL_ROWS} of ${table.total} rows.\n`);
      await host.call('table', table);
    })();
  }
  const json = jsonOf(value);
  if (json !== undefined)
    return (async () => host.show({ 'application/json': json, 'text/plain': host.plain(value) }))();
  return undefined;
}

/** Plain objects and arrays as JSON, where nothing of them is lost. */
function jsonOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  let faithful = true;
  try {
    const text = JSON.stringify(value, (_, item: unknown) => {
      const simple =
        item === null ||
        ['string', 'boolean'].includes(typeof item) ||
        (typeof item === 'number' && Number.isFinite(item)) ||
        Array.isArray(item) ||
        (typeof item === 'object' && Object.getPrototypeOf(item) === Object.prototype);
      if (!simple) faithful = false;
      return item;
    });
    if (!faithful || text.length > MAX_JSON_CHARACTERS) return undefined;
    return JSON.parse(text);
  } catch {
    // Circular, or a getter that throws: text shows what it can.
    return undefined;
  }
}

/** Shows values below the cell in the order in which they were given, whatever each has to wait for. */
export class Displays {
  private readonly host: SdkHost;
  private tail: Promise<unknown> | undefined;

  constructor(host: SdkHost) {
    this.host = host;
  }

  /** `mime`: the value is the content of that MIME type. */
  display(value: unknown, mime?: string): Promise<void> {
    return this.after(async () => {
      if (mime !== undefined) this.host.show({ [mime]: value });
      else
        await (presentKnown(this.host, value) ??
          this.host.show({ 'text/plain': typeof value === 'string' ? value : this.host.plain(value) }));
    });
  }

  /** Shows the value of a cell's last expression. */
  last(value: unknown): Promise<void> {
    return this.after(async () => {
      await (presentKnown(this.host, value) ?? this.host.show({ 'text/plain': this.host.plain(value) }));
    });
  }

  private after(show: () => Promise<void>): Promise<void> {
    const shown = this.tail ? this.tail.then(show) : show();
    const settled = shown.then(
      () => {},
      () => {},
    );
    this.tail = settled;
    void settled.then(() => {
      if (this.tail === settled) this.tail = undefined;
    });
    return this.host.hold(shown);
  }
}
