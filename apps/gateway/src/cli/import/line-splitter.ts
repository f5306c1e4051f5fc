import { isUtf8 } from 'node:buffer';
import type { Line } from './entry.js';

/** Bytes. No login and no hash is longer; a file without line breaks must not fill the memory. */
export const longestLine = 65_536;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = Buffer.from('\ufeff');
/** All controls but the tab. */
const control = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;

/** Makes lines of the pieces of a file. Both kinds of line end are taken, and a byte order mark is taken off. */
export class LineSplitter {
  #begun: Buffer = Buffer.alloc(0);
  /** The line that is being read is too long: only its end is waited for. */
  #tooLong = false;
  #number = 0;

  push(piece: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      lines.push(this.#line(piece.subarray(start, end)));
      start = end + 1;
    }
    this.#begin(piece.subarray(start));
    return lines;
  }

  /** The last line, when the file does not end with a line break. */
  end(): readonly Line[] {
    return this.#begun.length > 0 || this.#tooLong ? [this.#line(Buffer.alloc(0))] : [];
  }

  #begin(rest: Buffer): void {
    if (this.#tooLong || rest.length === 0) return;
    this.#begun = this.#begun.length === 0 ? Buffer.from(rest) : Buffer.concat([this.#begun, rest]);
    if (this.#begun.length <= longestLine + 1) return;
    this.#tooLong = true;
    this.#begun = Buffer.alloc(0);
  }

  #line(last: Buffer): Line {
    this.#number += 1;
    const bytes = this.#begun.length === 0 ? last : Buffer.concat([this.#begun, last]);
    const tooLong = this.#tooLong;
    this.#begun = Buffer.alloc(0);
    this.#tooLong = false;
    return tooLong ? troubled(this.#number, tooLongText) : this.#read(bytes);
  }

  #read(bytes: Buffer): Line {
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    const marked = this.#number === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
    const inner = bytes.subarray(marked ? 3 : 0, end);
    if (inner.length > longestLine) return troubled(this.#number, tooLongText);
    if (!isUtf8(inner)) return troubled(this.#number, 'it is not written in UTF-8');
    const text = inner.toString('utf8');
    return control.test(text) ? troubled(this.#number, 'it holds control characters') : { number: this.#number, text };
  }
}

const tooLongText = `it is longer than ${longestLine / 1024} KiB`;

const troubled = (number: number, trouble: string): Line => ({ number, text: '', trouble });
