import { type KeyObject, randomUUID, sign } from 'node:crypto';
import type { PlanBody, PlanEngine, PlanEnvelope, SignedPlan } from '@boathouse/contracts';

/** A plan is good for this long: compute refuses an older one and asks anew, so that a revoked grant takes hold soon. */
export const planLifetimeMs = 60_000;

export interface EnvelopeFacts {
  runId: string;
  workspaceId: string;
  principal: string;
  statement: string;
  timeZone: string;
  nowMs: number;
  /** Where it runs; absent: on compute's own engine. */
  engine?: PlanEngine;
}

/** Signs any payload with the installation's Ed25519 key; the signature is base64 over the payload's UTF-8 bytes. */
export const signPayload = (key: KeyObject, payload: string): SignedPlan => ({
  payload,
  signature: sign(null, Buffer.from(payload, 'utf8'), key).toString('base64'),
});

/** Seals one statement's plan: exactly these bytes reach compute. */
export function sealPlan(key: KeyObject, body: PlanBody, facts: EnvelopeFacts): SignedPlan {
  const envelope: PlanEnvelope = {
    planId: randomUUID(),
    runId: facts.runId,
    workspaceId: facts.workspaceId,
    principal: facts.principal,
    statement: facts.statement,
    issuedAtMs: facts.nowMs,
    expiresAtMs: facts.nowMs + planLifetimeMs,
    timeZone: facts.timeZone,
    ...(facts.engine ? { engine: facts.engine } : {}),
    body,
  };
  return signPayload(key, JSON.stringify(envelope));
}
