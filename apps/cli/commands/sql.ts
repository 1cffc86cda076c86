import { BoathouseError, ErrorInfo, userError } from '@boathouse/contracts';
import { chooseFrom, readArguments } from './arguments.ts';
import { connect } from './client.ts';
import { formatRows, formats } from './format.ts';

export const usage =
  'boathouse sql "STATEMENT" [--format table|json|csv] [--catalog C] [--schema S] [--engine NAME] [--url URL] [--token TOKEN]';

interface Answer {
  statement_id: string;
  status: { state: string; error?: { error_code?: string; message?: string; details?: unknown } };
  manifest?: { schema: { columns: { name: string; type_text: string }[] }; truncated?: boolean };
  result?: { data_array?: (string | null)[][]; next_chunk_internal_link?: string };
}

/** Runs one statement on a running server and prints its rows. */
export async function run(args: string[], env: NodeJS.ProcessEnv, print: (text: string) => void): Promise<number> {
  const { positionals, options } = readArguments(args, ['format', 'catalog', 'schema', 'engine', 'url', 'token'], {
    min: 1,
    max: 1,
    usage,
  });
  const format = chooseFrom(options.format, formats, 'format');
  const client = connect({ url: options.url, token: options.token, env });
  const warehouse = options.engine === undefined ? undefined : await warehouseOf(client, options.engine);
  let answer = await client.request<Answer>('POST', '/api/2.0/sql/statements', {
    statement: positionals[0],
    wait_timeout: '50s',
    on_wait_timeout: 'CONTINUE',
    ...(options.catalog ? { catalog: options.catalog } : {}),
    ...(options.schema ? { schema: options.schema } : {}),
    ...(warehouse === undefined ? {} : { warehouse_id: warehouse }),
  });
  while (answer.status.state === 'PENDING' || answer.status.state === 'RUNNING') {
    await new Promise((resolve) => setTimeout(resolve, 200));
    answer = await client.request<Answer>('GET', `/api/2.0/sql/statements/${answer.statement_id}`);
  }
  if (answer.status.state !== 'SUCCEEDED') {
    const details = ErrorInfo.partial().safeParse(answer.status.error?.details);
    const at =
      details.success && details.data.position
        ? `Line ${details.data.position.line}, column ${details.data.position.column}: `
        : '';
    throw new BoathouseError(
      answer.status.error?.error_code ?? answer.status.state,
      `${at}${answer.status.error?.message ?? `The statement was ${answer.status.state.toLowerCase()}.`}`,
      'user',
    );
  }
  const columns = (answer.manifest?.schema.columns ?? []).map((column) => ({
    name: column.name,
    numeric: /^(tinyint|smallint|int|bigint|float|double|decimal)/i.test(column.type_text),
  }));
  const rows = [...(answer.result?.data_array ?? [])];
  for (let next = answer.result?.next_chunk_internal_link; next; ) {
    const chunk = await client.request<NonNullable<Answer['result']>>('GET', next);
    rows.push(...(chunk.data_array ?? []));
    next = chunk.next_chunk_internal_link;
  }
  print(formatRows({ columns, rows }, format));
  return 0;
}

/** The id of an engine by its name or id. Throws ENGINE_NOT_FOUND, which lists those that there are. */
async function warehouseOf(client: Pick<ReturnType<typeof connect>, 'request'>, engine: string): Promise<string> {
  const { warehouses } = await client.request<{ warehouses: { id: string; name: string }[] }>(
    'GET',
    '/api/2.0/sql/warehouses',
  );
  const found = warehouses.find(({ id, name }) => id === engine || name.toLowerCase() === engine.toLowerCase());
  if (!found)
    throw userError(
      'ENGINE_NOT_FOUND',
      `There is no engine "${engine}". There are: ${warehouses.map(({ name }) => name).join(', ')}.`,
    );
  return found.id;
}
