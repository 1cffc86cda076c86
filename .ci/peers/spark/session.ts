import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A Spark session in a process of its own: statements in turn, rows as JSON values. */
export class Spark {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  readonly version: string;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, version: string) {
    this.child = child;
    this.lines = lines;
    this.version = version;
  }

  static async start(python: string, scratch: string): Promise<Spark> {
    const child = spawn(python, ['.ci/peers/spark/session.py', scratch], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error('Spark did not start.');
    return new Spark(child, lines, (JSON.parse(first.value) as { ready: string }).ready);
  }

  async sql(text: string): Promise<unknown[][]> {
    this.child.stdin!.write(`${JSON.stringify({ sql: text })}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error('Spark ended.');
    const answer = JSON.parse(line.value) as { rows?: unknown[][]; error?: string };
    if (answer.error !== undefined) throw new Error(`Spark: ${answer.error.split('\n')[0]} (in ${text})`);
    return answer.rows ?? [];
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.child.once('exit', done));
    this.child.stdin!.end();
    const late = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    await gone;
    clearTimeout(late);
  }
}
