import { userError } from '@boathouse/contracts';

/** A node of a parsed XML text. Names are as written: prefixes are part of them. */
export interface XmlNode {
  kind: 'root' | 'element' | 'attribute' | 'text' | 'comment' | 'instruction';
  name: string;
  /** Text of all kinds but root and element; of a text, all that adjoins. */
  value: string;
  /** Of a text that is partly in a CDATA section: its first part. */
  first: string;
  parent: XmlNode | null;
  children: XmlNode[];
  attributes: XmlNode[];
  /** Place in the document. */
  order: number;
}

const malformed = (why: string): Error =>
  userError('MALFORMED_XML', `The text is no well-formed XML: ${why}.`, { sqlState: '22023' });

const nameAt = /[\p{L}_:][\p{L}\p{N}_:.\-\u00b7]*/uy;
const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Reads one document. Throws MALFORMED_XML. */
class Reader {
  private readonly text: string;
  private at = 0;
  private order = 0;
  constructor(text: string) {
    this.text = text.replace(/\r\n?/g, '\n');
  }

  document(): XmlNode {
    const root = this.node('root', '', '', null);
    if (this.text.startsWith('<?xml')) this.at = this.after('?>');
    this.content(root);
    if (this.at < this.text.length) throw malformed('an end tag has no start');
    if (root.children.filter((child) => child.kind === 'element').length !== 1)
      throw malformed('there must be one root');
    if (root.children.some((child) => child.kind === 'text')) throw malformed('text stands outside of the root');
    return root;
  }

  private node(kind: XmlNode['kind'], name: string, value: string, parent: XmlNode | null): XmlNode {
    const order = this.order++;
    return { kind, name, value, first: value, parent, children: [], attributes: [], order };
  }
  private after(mark: string): number {
    const end = this.text.indexOf(mark, this.at);
    if (end < 0) throw malformed(`${mark} is missing`);
    return end + mark.length;
  }
  private name(): string {
    nameAt.lastIndex = this.at;
    const match = nameAt.exec(this.text);
    if (!match) throw malformed('a name is missing');
    this.at += match[0].length;
    return match[0];
  }
  private space(): boolean {
    const from = this.at;
    while (/[ \t\n]/.test(this.text[this.at] ?? '')) this.at++;
    return this.at > from;
  }
  private expect(char: string): void {
    if (this.text[this.at] !== char) throw malformed(`${char} is missing`);
    this.at++;
  }
  private unescaped(text: string): string {
    return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|([^;&\s]*))(;?)/g, (_, hex, digits, name, end) => {
      const code = hex ? Number.parseInt(hex, 16) : digits ? Number(digits) : undefined;
      if (end !== ';' || (code === undefined && !Object.hasOwn(entities, name)) || (code ?? 1) > 0x10ffff || code === 0)
        throw malformed('an entity is not known');
      return code === undefined ? entities[name]! : String.fromCodePoint(code);
    });
  }

  /** Children up to an end tag or the end of the text. */
  private content(parent: XmlNode): void {
    while (this.at < this.text.length) {
      const next = this.text.indexOf('<', this.at);
      const plain = this.text.slice(this.at, next < 0 ? undefined : next);
      if (plain.includes(']]>')) throw malformed(']]> stands in text');
      this.at += plain.length;
      if (plain !== '' && (parent.kind !== 'root' || plain.trim() !== '')) this.addText(parent, this.unescaped(plain));
      if (next < 0 || this.text.startsWith('</', next)) return;
      this.markup(parent);
    }
  }

  private addText(parent: XmlNode, value: string): void {
    const last = parent.children.at(-1);
    if (last?.kind === 'text') last.value += value;
    else if (value !== '') parent.children.push(this.node('text', '', value, parent));
  }

  private markup(parent: XmlNode): void {
    const { text } = this;
    const from = this.at;
    if (text.startsWith('<!--', from)) {
      this.at += 4;
      this.at = this.after('--');
      parent.children.push(this.node('comment', '', text.slice(from + 4, this.at - 2), parent));
      this.expect('>');
    } else if (text.startsWith('<![CDATA[', from)) {
      if (parent.kind === 'root') throw malformed('text stands outside of the root');
      this.at = this.after(']]>');
      this.addText(parent, text.slice(from + 9, this.at - 3));
    } else if (text.startsWith('<?', from)) {
      this.at += 2;
      const name = this.name();
      if (name.toLowerCase() === 'xml') throw malformed('a declaration stands inside');
      this.space();
      const start = this.at;
      this.at = this.after('?>');
      parent.children.push(this.node('instruction', name, text.slice(start, this.at - 2), parent));
    } else if (text.startsWith('<!', from)) throw malformed('a document type is not allowed');
    else this.element(parent);
  }

  private element(parent: XmlNode): void {
    this.at++;
    const element = this.node('element', this.name(), '', parent);
    parent.children.push(element);
    for (;;) {
      const spaced = this.space();
      const char = this.text[this.at];
      if (char === '/' || char === '>') break;
      if (!spaced) throw malformed('a tag is broken');
      this.attribute(element);
    }
    if (this.text.startsWith('/>', this.at)) {
      this.at += 2;
      return;
    }
    this.expect('>');
    this.content(element);
    if (!this.text.startsWith('</', this.at)) throw malformed(`<${element.name}> does not end`);
    this.at += 2;
    if (this.name() !== element.name) throw malformed(`<${element.name}> ends with another name`);
    this.space();
    this.expect('>');
  }

  private attribute(element: XmlNode): void {
    const name = this.name();
    this.space();
    this.expect('=');
    this.space();
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") throw malformed('an attribute has no quotes');
    const end = this.text.indexOf(quote, this.at + 1);
    const raw = end < 0 ? '<' : this.text.slice(this.at + 1, end);
    if (raw.includes('<')) throw malformed('an attribute does not end');
    if (element.attributes.some((other) => other.name === name)) throw malformed(`${name} is there twice`);
    element.attributes.push(this.node('attribute', name, this.unescaped(raw.replace(/[\t\n]/g, ' ')), element));
    this.at = end + 1;
  }
}

export const parseXml = (text: string): XmlNode => new Reader(text).document();

/** The text of a node: of elements, all text inside. */
export function textOfNode(node: XmlNode): string {
  if (node.kind !== 'root' && node.kind !== 'element') return node.value;
  return node.children
    .filter((child) => child.kind === 'text' || child.kind === 'element')
    .map(textOfNode)
    .join('');
}
