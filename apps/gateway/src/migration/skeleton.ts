const shown = ['use', 'as', 'when', 'on', 'mode'];

/** The plugin list without the plugins' own options, which may hold secrets and are not what a migration changes. */
export const skeletonOf = (data: unknown): readonly Readonly<Record<string, unknown>>[] => {
  const list = (data as { readonly plugins?: readonly Readonly<Record<string, unknown>>[] }).plugins ?? [];
  return list.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => shown.includes(key) || (key === 'with' && entry['use'] === 'capture'))),
  );
};
