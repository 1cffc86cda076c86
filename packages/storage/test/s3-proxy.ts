import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `cut`: the server has the request's effect and the client no answer; `half`: half of an answer's body. Else an error as S3 words it. */
export type Fault = 'cut' | 'half' | { status: number; code: string } | null;

export interface FaultyWay {
  endpoint: string;
  /** Says of each request what befalls it; not of those by which a store looks whether the server knows conditions. */
  fault: (request: IncomingMessage) => Fault;
  /** Whether the server behind it gets no conditions to see, as if it were one that ignores them. */
  isIgnorant: boolean;
  stop(): Promise<void>;
}

/** A way to an S3 server on which requests meet what is told. */
export async function faultyWay(target: string): Promise<FaultyWay> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const fault = incoming.url?.includes('.boathouse-tmp') ? null : way.fault(incoming);
    if (typeof fault === 'object' && fault) {
      incoming.resume();
      incoming.on('end', () => {
        outgoing.writeHead(fault.status, { 'content-type': 'application/xml' });
        outgoing.end(
          incoming.method === 'HEAD'
            ? ''
            : `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>told by the test</Message></Error>`,
        );
      });
      return;
    }
    const { method, url: path, headers } = incoming;
    if (way.isIgnorant) delete headers['if-none-match'];
    incoming.pipe(
      request({ hostname, port, method, path, headers }, (answer) => {
        if (fault === 'cut') {
          answer.resume();
          answer.on('end', () => outgoing.destroy());
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        if (fault === 'half') {
          outgoing.write('x'.repeat(Math.floor(Number(answer.headers['content-length']) / 2)), () =>
            outgoing.destroy(),
          );
          answer.resume();
          return;
        }
        answer.pipe(outgoing);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const way: FaultyWay = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: () => null,
    isIgnorant: false,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return way;
}
