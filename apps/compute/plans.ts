import { type KeyObject, verify } from 'node:crypto';
import { PlanEnvelope, type SignedPlan, systemError } from '@boathouse/contracts';

/** Opens signed plans. Whatever did not come from the server with its installation key is refused and never run. */
export interface PlanVerifier {
  /** The payload's text. Throws PLAN_NOT_SIGNED. */
  payload(plan: SignedPlan): string;
  /** A statement's plan for this run. Throws PLAN_NOT_SIGNED, PLAN_EXPIRED, PLAN_OF_ANOTHER_RUN. */
  open(plan: SignedPlan, runId: string): PlanEnvelope;
}

export function planVerifier(publicKey: KeyObject, clock: () => number): PlanVerifier {
  const payload = (plan: SignedPlan): string => {
    if (!verify(null, Buffer.from(plan.payload, 'utf8'), publicKey, Buffer.from(plan.signature, 'base64')))
      throw systemError('PLAN_NOT_SIGNED', 'A plan without the signature of this installation was refused.', {
        status: 403,
      });
    return plan.payload;
  };
  return {
    payload,
    open(plan, runId) {
      const envelope = PlanEnvelope.parse(JSON.parse(payload(plan)));
      if (envelope.expiresAtMs < clock())
        throw systemError(
          'PLAN_EXPIRED',
          'The statement waited so long that its permissions must be checked again. Run it again.',
          { status: 409 },
        );
      if (envelope.runId !== runId)
        throw systemError('PLAN_OF_ANOTHER_RUN', 'A plan was refused because it belongs to another run.', {
          status: 403,
        });
      return envelope;
    },
  };
}
