import { z } from 'zod';
import { EngineCheck } from '../compute-link.ts';
import { defineRoute } from '../route.ts';

/** Attached engines: servers of Spark Connect that run the same SQL over the same tables. */
const area = 'Attached engines';
const base = '/api/2.0/boathouse/engines';
const EnginePath = z.object({ id: z.string().min(1).max(64) });

const EngineName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u);
/** `sc://host:port`; the port is 15002 where none is written. */
const EngineUrl = z.string().trim().min(1).max(500);
const Token = z.string().min(1).max(10_000);
const Certificate = z
  .string()
  .max(100_000)
  .refine((text) => text.includes('-----BEGIN CERTIFICATE-----'), 'a certificate in PEM form is expected');
const StorageUrl = z
  .string()
  .trim()
  .max(1000)
  .regex(/^[a-z][a-z0-9+.-]*:\/\//i, 'a URL such as s3a://bucket/folder is expected');

const EngineFields = {
  name: EngineName,
  url: EngineUrl,
  tls: z.boolean(),
  /** Bearer token; kept encrypted and never shown again. */
  token: Token.optional(),
  caCertificate: Certificate.optional(),
  storageUrl: StorageUrl.optional(),
  /** Everybody of the workspace may use it; else administrators and `users`. */
  everybody: z.boolean().default(true),
  /** E-mails. */
  users: z.array(z.string().min(1).max(320)).max(1000).default([]),
};

export const EngineView = z.object({
  /** Also its id as a SQL warehouse. */
  id: z.string(),
  name: z.string(),
  kind: z.literal('spark'),
  url: z.string(),
  tls: z.boolean(),
  hasToken: z.boolean(),
  hasCaCertificate: z.boolean(),
  storageUrl: z.string().nullable(),
  everybody: z.boolean(),
  /** E-mails; told to administrators only. */
  users: z.array(z.string()),
  createdAtMs: z.number(),
});
export type EngineView = z.infer<typeof EngineView>;

export const AttachEngineRequest = z.strictObject(EngineFields);
export type AttachEngineRequest = z.infer<typeof AttachEngineRequest>;

export const ChangeEngineRequest = z.strictObject({
  name: EngineName.optional(),
  /** A new address forgets the token: give it again. */
  url: EngineUrl.optional(),
  tls: z.boolean().optional(),
  token: Token.nullable().optional(),
  caCertificate: Certificate.nullable().optional(),
  storageUrl: StorageUrl.nullable().optional(),
  everybody: z.boolean().optional(),
  users: EngineFields.users.unwrap().optional(),
});
export type ChangeEngineRequest = z.infer<typeof ChangeEngineRequest>;

export const listEngines = defineRoute({
  method: 'GET',
  path: base,
  area,
  summary: 'Attached engines that the caller may use; administrators see all',
  needs: 'sign-in',
  response: z.object({ engines: z.array(EngineView) }),
});

export const attachEngine = defineRoute({
  method: 'POST',
  path: base,
  area,
  summary: 'Attaches a server of Spark Connect. It is not tried first: see /check',
  needs: 'admin',
  body: AttachEngineRequest,
  response: EngineView,
});

export const changeEngine = defineRoute({
  method: 'PATCH',
  path: `${base}/{id}`,
  area,
  summary: 'Changes what is given; token, caCertificate and storageUrl are taken away by null',
  needs: 'admin',
  params: EnginePath,
  body: ChangeEngineRequest,
  response: EngineView,
});

export const detachEngine = defineRoute({
  method: 'DELETE',
  path: `${base}/{id}`,
  area,
  summary: 'Detaches the engine; what names it fails and says so',
  needs: 'admin',
  params: EnginePath,
  response: z.object({}),
});

export const checkEngine = defineRoute({
  method: 'POST',
  path: `${base}/{id}/check`,
  area,
  summary: 'Tries the engine from end to end and says what is wrong',
  needs: 'use of the engine',
  params: EnginePath,
  body: z.strictObject({}).optional(),
  response: EngineCheck,
});

export const checkNewEngine = defineRoute({
  method: 'POST',
  path: `${base}/check`,
  area,
  summary: 'Tries an engine before it is attached; with `id`, what is not given is that of the attached one',
  needs: 'admin',
  body: z.strictObject({
    id: z.string().min(1).max(64).optional(),
    url: EngineUrl,
    tls: z.boolean(),
    token: Token.optional(),
    caCertificate: Certificate.optional(),
    storageUrl: StorageUrl.optional(),
  }),
  response: EngineCheck,
});
