/** Rows of text as aligned columns under a header. */
export const table = (header, rows) => {
  const widths = header.map((title, column) => Math.max(...[header, ...rows].map((row) => [...row[column]].length)));
  const line = (row) =>
    row
      .map((text, column) => text + ' '.repeat(widths[column] - [...text].length))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
};
