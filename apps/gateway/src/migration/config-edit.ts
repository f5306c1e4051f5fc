import { isDeepStrictEqual } from 'node:util';
import { isAlias, isMap, isSeq, parseDocument, type Document, type Node } from 'yaml';
import type { EditPath, ListEdit } from './list-edit.js';

export type EditedText =
  | { readonly kind: 'edited'; readonly text: string }
  /** The file shares parts in a way that the edit would change elsewhere, too. */
  | { readonly kind: 'by-hand'; readonly why: string };

/** Makes the edits in the file's text; comments, order and the way of writing stay as they are. */
export const editedText = (text: string, edits: readonly ListEdit[]): EditedText => {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: false });
  const before: unknown = document.toJS({ maxAliasCount: 100 });
  try {
    for (const edit of edits) editDocument(document, edit);
    const after = document.toString({ lineWidth: 0, flowCollectionPadding: true });
    const read: unknown = parseDocument(after, { version: '1.2', uniqueKeys: false }).toJS({ maxAliasCount: 100 });
    if (isDeepStrictEqual(copied(read), editedData(before, edits))) return { kind: 'edited', text: after };
  } catch {
    // What it says comes to the same: these lines are for somebody who sees what belongs together.
  }
  return { kind: 'by-hand', why: 'the file shares parts by anchors, and the edit would change them elsewhere, too' };
};

/** The same edits on plain data, which is not changed. */
export const editedData = (data: unknown, edits: readonly ListEdit[]): unknown => {
  const copy: unknown = copied(data ?? {});
  for (const edit of edits) editData(copy, edit);
  return copy;
};

/** What a config file holds fits into JSON. */
const copied = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const editData = (root: unknown, edit: ListEdit): void => {
  const list = (root as { plugins: unknown[] }).plugins;
  switch (edit.op) {
    case 'insert':
      list.splice(edit.index, 0, copied(edit.value));
      return;
    case 'remove':
      list.splice(edit.index, 1);
      return;
    case 'move':
      list.splice(edit.to, 0, ...list.splice(edit.index, 1));
      return;
    case 'set':
    case 'delete': {
      const last = edit.path.at(-1) ?? '';
      const parent = edit.path.slice(0, -1).reduce<Record<string, unknown>>(
        (at, step) => {
          const below = at[step] ?? {};
          at[step] = below;
          return below as Record<string, unknown>;
        },
        root as Record<string, unknown>,
      );
      if (edit.op === 'set') parent[last] = copied(edit.value);
      else Reflect.deleteProperty(parent, last);
    }
  }
};

const editDocument = (document: Document, edit: ListEdit): void => {
  switch (edit.op) {
    case 'set':
      detach(document, edit.path.slice(0, -1));
      document.setIn(edit.path, document.createNode(edit.value, { flow: typeof edit.value === 'object' }));
      return;
    case 'delete':
      detach(document, edit.path.slice(0, -1));
      document.deleteIn(edit.path);
      return;
    case 'insert': {
      const items = itemsOf(document);
      const node = document.createNode(edit.value);
      const options = isMap(node) ? node.get('with', true) : undefined;
      if (isMap(options)) options.flow = true;
      items.splice(edit.index, 0, node);
      return;
    }
    case 'remove':
      itemsOf(document).splice(edit.index, 1);
      return;
    case 'move': {
      const items = itemsOf(document);
      items.splice(edit.to, 0, ...items.splice(edit.index, 1));
    }
  }
};

const itemsOf = (document: Document): unknown[] => {
  const list = document.get('plugins', true);
  const target = isAlias(list) ? list.resolve(document) : list;
  if (!isSeq(target)) throw new Error('there is no list');
  return target.items;
};

/** On the way to what is edited, an alias becomes a copy of what it stands for: the original stays as it is. */
const detach = (document: Document, path: EditPath): void => {
  for (let length = 1; length <= path.length; length++) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    if (!isAlias(node)) continue;
    document.setIn(path.slice(0, length), document.createNode(node.toJS(document, { maxAliasCount: 100 })));
  }
};
