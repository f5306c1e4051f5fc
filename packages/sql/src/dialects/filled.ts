/** A text without what a column of fixed width filled it up with. */
export const withoutFill = (text: string, fill: ' ' | '\0'): string => {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === fill) end -= 1;
  return text.slice(0, end);
};
