type StreamName = 'stdout' | 'stderr';

const FLUSH_MS = 20;
const FLUSH_CHARACTERS = 64 * 1024;
/** The driver stops at 1 MB and says so; this bounds what a cell sends around the driver. */
const MAX_CHARACTERS = 2 * 1024 * 1024;

/** Joins what a cell prints within 20 ms into one piece, in order. */
export class StreamBuffer {
  private readonly emit: (name: StreamName, text: string) => void;
  private name: StreamName = 'stdout';
  private parts: string[] = [];
  private length = 0;
  private total = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(emit: (name: StreamName, text: string) => void) {
    this.emit = emit;
  }

  add(name: StreamName, text: string): void {
    if (!text || this.total > MAX_CHARACTERS) return;
    if (name !== this.name) this.flush();
    this.name = name;
    this.parts.push(text);
    this.length += text.length;
    this.total += text.length;
    if (this.length >= FLUSH_CHARACTERS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** To be called before anything else is shown, and at the end. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.length) return;
    const text = this.parts.join('');
    this.parts = [];
    this.length = 0;
    this.emit(this.name, text);
  }
}
