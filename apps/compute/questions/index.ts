import { type ComputeAnswer, type ComputeQuestion, errorInfo } from '@boathouse/contracts';
import { checkSpark, exportResult, inferFiles, previewFiles } from '@boathouse/engine';
import type { Runtime } from '../runtime.ts';
import { checkpointVersion } from './checkpoint.ts';
import { compareRows } from './compare-rows.ts';
import { compareVersions } from './compare-versions.ts';

type Ask = ComputeQuestion['ask'];
type QuestionOf<A extends Ask> = Extract<ComputeQuestion, { ask: A }>;
type Answers = { [A in Ask]: (question: QuestionOf<A>, runtime: Runtime) => Promise<unknown> };

const answers: Answers = {
  inferFiles: async ({ request }, { engine, store }) => inferFiles({ engine, store }, request),
  previewFiles: async ({ request, rows }, { engine, store }) => previewFiles({ engine, store }, request, rows),
  tableDetail: async ({ location, withCheckpoint }, { delta, store }) => ({
    ...(await delta.detail(location)),
    ...(withCheckpoint ? { checkpointVersion: await checkpointVersion(store, location) } : {}),
  }),
  tableHistory: async ({ location, limit }, { delta }) => delta.history(location, limit),
  compareVersions: async ({ location, from, to }, { delta }) => compareVersions(delta, location, from, to),
  compareRows: async (question, runtime) => compareRows(runtime, question),
  deleteTable: async ({ location }, { delta, store }) => {
    await store.deletePrefix(location.endsWith('/') ? location : `${location}/`);
    delta.forget(location);
    return null;
  },
  exportResult: async ({ key, format, target }, { engine, store }) =>
    exportResult({ engine, store }, key, format, target),
  checkEngine: async ({ engine: spark }, runtime) => checkSpark(runtime, spark),
};

/** Answers a question; an error is an answer too. */
export async function answer(question: ComputeQuestion, runtime: Runtime): Promise<ComputeAnswer> {
  try {
    // The table pairs each question with its own function; the key loses that pairing.
    const reply = answers[question.ask] as (question: ComputeQuestion, runtime: Runtime) => Promise<unknown>;
    return { ok: true, value: await reply(question, runtime) };
  } catch (error) {
    const info = errorInfo(error);
    if (info.code === 'INTERNAL_ERROR')
      runtime.logger.error({ err: error, ask: question.ask }, 'a question failed by a bug');
    return { ok: false, error: info };
  }
}
