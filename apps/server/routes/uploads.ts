import {
  createUpload,
  discardUpload,
  getSamples,
  listUploads,
  loadSamples,
  loadUpload,
  previewUpload,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

/** A file of one's own, from the first byte to the table; and the sample data, which takes the same road. */
export const uploadRoutes = ({ uploads, samples }: Services): Route[] => [
  implement(createUpload, ({ query, ctx }) => uploads.receive(ctx, query.fileName, ctx.req)),
  implement(listUploads, async ({ ctx }) => ({ uploads: await uploads.list(ctx) })),
  implement(previewUpload, ({ params, body, ctx }) => uploads.preview(ctx, params.uploadId, body)),
  implement(loadUpload, ({ params, body, ctx }) => uploads.load(ctx, params.uploadId, body)),
  implement(discardUpload, async ({ params, ctx }) => {
    await uploads.discard(ctx, params.uploadId);
    return {};
  }),
  implement(loadSamples, ({ ctx }) => samples.load(ctx)),
  implement(getSamples, ({ ctx }) => samples.state(ctx)),
];
