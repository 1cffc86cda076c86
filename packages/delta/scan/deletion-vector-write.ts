import { crc32 } from 'node:zlib';
import type { ObjectStore } from '@boathouse/contracts';
import type { DeletionVectorDescriptor } from '../actions/types.ts';
import { countRows, encodeRows, type RowSet } from './roaring.ts';
import { encodeZ85 } from './z85.ts';

/** Up to here a vector lies in the log itself: reading it costs no file. */
const INLINE_BYTES = 256;
/** PROTOCOL.md "Deletion Vector File Storage Format". */
const FILE_VERSION = 1;

/** Vectors of one commit, in one file of the table. */
export class DeletionVectorFile {
  private readonly store: ObjectStore;
  private readonly location: string;
  private readonly uuid: string;
  private readonly prefix: string;
  private readonly parts: Buffer[] = [Buffer.from([FILE_VERSION])];
  private size = 1;

  /** `uuid` names the file; `prefix` is a folder for it (`delta.randomizeFilePrefixes`), or empty. */
  constructor(store: ObjectStore, location: string, uuid: string, prefix = '') {
    this.store = store;
    this.location = location;
    this.uuid = uuid;
    this.prefix = prefix;
  }

  /** Adds the deleted rows of one data file; what it gives belongs on that file's `add`. */
  add(rows: RowSet): DeletionVectorDescriptor {
    const data = encodeRows(rows);
    const cardinality = countRows(rows);
    if (data.length <= INLINE_BYTES)
      return { storageType: 'i', pathOrInlineDv: encodeZ85(data), sizeInBytes: data.length, cardinality };
    const head = Buffer.alloc(4);
    head.writeInt32BE(data.length);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(data));
    const offset = this.size;
    this.parts.push(head, data, checksum);
    this.size += data.length + 8;
    const name = encodeZ85(Buffer.from(this.uuid.replaceAll('-', ''), 'hex'));
    return {
      storageType: 'u',
      pathOrInlineDv: this.prefix + name,
      offset,
      sizeInBytes: data.length,
      cardinality,
    };
  }

  /** Writes the file durably, where a vector did not fit into the log. To be awaited before the commit. */
  async write(): Promise<void> {
    if (this.parts.length > 1) await this.store.put(this.key(), Buffer.concat(this.parts));
  }

  /** Removes the file of a commit that was refused. */
  async discard(): Promise<void> {
    if (this.parts.length > 1) await this.store.delete(this.key());
  }

  private key(): string {
    return `${this.location}/${this.prefix ? `${this.prefix}/` : ''}deletion_vector_${this.uuid}.bin`;
  }
}
