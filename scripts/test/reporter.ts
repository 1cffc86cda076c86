import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

const SAID_LIMIT = 6000;

/** Line that `scripts/test.ts` reads; the last one of a run counts. */
export const countsLine = /^# (\d+) passed, (\d+) failed, (\d+) skipped$/gm;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const shown = (file: string | undefined): string => (file ? relative(process.cwd(), file) : '');

/** The error that a test threw, without the runner's wrapping. */
function reason(error: Error): string {
  const thrown = error.cause ?? error;
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : inspect(thrown);
}

/**
 * A line for each test file with its time, so that the slow ones are seen; of failed tests the error, and what their file
 * said (seeds are said there). The last line has the counts of all files.
 */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  const said = new Map<string, string>();
  const failed = new Set<string>();
  const say = (file: string | undefined, text: string) =>
    said.set(file ?? '', `${said.get(file ?? '') ?? ''}${text}`.slice(-SAID_LIMIT));
  for await (const event of source) {
    if (event.type === 'test:stdout' || event.type === 'test:stderr') say(event.data.file, event.data.message);
    if (event.type === 'test:diagnostic' && event.data.file) say(event.data.file, `${event.data.message}\n`);
    if (event.type === 'test:fail') {
      const { file, name, details } = event.data;
      failed.add(file ?? '');
      yield `FAILED  ${shown(file)}: ${name} (${seconds(details.duration_ms)})\n${reason(details.error).replace(/^/gm, '        ')}\n`;
    }
    if (event.type === 'test:pass' && event.data.skip !== undefined)
      yield `skipped ${event.data.name}${typeof event.data.skip === 'string' ? ` (${event.data.skip})` : ''}\n`;
    if (event.type !== 'test:summary') continue;
    const { counts, file, duration_ms } = event.data;
    const wrong = counts.tests - counts.passed - counts.skipped - counts.todo;
    if (file !== undefined) {
      yield `${wrong ? 'FAILED' : 'ok    '}  ${shown(file)}: ${counts.passed} passed (${seconds(duration_ms)})\n`;
      continue;
    }
    for (const one of failed) {
      const words = said.get(one);
      if (words) yield `What ${shown(one)} said:\n${words.trimEnd().replace(/^/gm, '        | ')}\n`;
    }
    yield `# ${counts.passed} passed, ${wrong} failed, ${counts.skipped + counts.todo} skipped\n`;
  }
}
