import { Displays, html } from './display/present.ts';
import { Column } from './frame/column.ts';
import { DataFrame } from './frame/dataframe.ts';
import { functions } from './frame/functions.ts';
import { Window } from './frame/window.ts';
import type { SdkHost } from './host.ts';
import { hostBackend } from './session/backend.ts';
import { createSpark } from './session/spark.ts';

export type { LocalTable } from './display/table.ts';
export type { SdkHost } from './host.ts';

/**
 * Gives cells their names: `spark`, `display`, `html`, the functions over columns (also as `functions` and `F`), `Window`,
 * `DataFrame`, `Column`. A cell may declare any of them anew.
 */
export function installSdk(host: SdkHost): void {
  const displays = new Displays(host);
  const names: Record<string, unknown> = {
    spark: createSpark(hostBackend(host)),
    display: (value: unknown, mime?: string) => displays.display(value, mime),
    html,
    ...functions,
    functions,
    F: functions,
    Window,
    Column,
    DataFrame,
  };
  for (const [name, value] of Object.entries(names))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  host.presenter((value) => displays.last(value));
}
