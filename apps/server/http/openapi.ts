import type { RouteContract } from '@boathouse/contracts';
import { z } from 'zod';

type Json = Record<string, unknown>;

const toSchema = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return json;
};

/** The API as an OpenAPI 3.1 document, from the same contracts by which requests are parsed. */
export function openApi(contracts: RouteContract[], version: string): Json {
  const paths: Record<string, Json> = {};
  const sorted = [...contracts].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const contract of sorted) {
    // OpenAPI has no parameter over several segments; a client sends the slashes as they are.
    const path = contract.path.replaceAll('+}', '}');
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: operation(contract) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Boathouse', version, description: 'Errors are {"error_code", "message"} with a matching status.' },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A personal access token.' } },
      schemas: {
        Error: {
          type: 'object',
          properties: { error_code: { type: 'string' }, message: { type: 'string' } },
          required: ['error_code', 'message'],
        },
      },
    },
    security: [{ token: [] }],
    paths,
  };
}

function operation(contract: RouteContract): Json {
  const rawRequest = contract.raw === 'request' || contract.raw === 'both';
  const rawResponse = contract.raw === 'response' || contract.raw === 'both';
  const success = String(contract.status ?? 200);
  return {
    operationId: `${contract.method.toLowerCase()} ${contract.path}`.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, ''),
    summary: contract.summary,
    description: `Needs: ${contract.needs}.`,
    tags: [contract.area],
    ...(contract.needs.startsWith('nothing') ? { security: [] } : {}),
    parameters: [...pathParameters(contract), ...queryParameters(contract)],
    ...(contract.body || rawRequest
      ? { requestBody: { required: true, content: requestContent(contract, rawRequest) } }
      : {}),
    responses: {
      [success]: {
        description: 'Success',
        content: rawResponse
          ? { 'application/octet-stream': {} }
          : { 'application/json': { schema: contract.response ? toSchema(contract.response, 'output') : {} } },
      },
      default: {
        description: 'Error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const requestContent = (contract: RouteContract, raw: boolean): Json => ({
  ...(contract.body ? { 'application/json': { schema: toSchema(contract.body, 'input') } } : {}),
  ...(raw ? { [contract.body ? 'multipart/form-data' : 'application/octet-stream']: {} } : {}),
});

const pathParameters = (contract: RouteContract): Json[] =>
  [...contract.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(contract: RouteContract): Json[] {
  if (!contract.query) return [];
  const { properties = {}, required = [] } = toSchema(contract.query, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}
