export const TABLE_WIDTH = 110;

/** Columns as wide as their longest cell; the last one gets what is left of the line and is cut there. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const last = head.length - 1;
  const taken = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  widths[last] = Math.min(widths[last] ?? 0, TABLE_WIDTH - taken);
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => cut(cells[column] ?? '', width).padEnd(width))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const room = text.slice(0, width - 1);
  const word = room.lastIndexOf(' ');
  return `${word > width / 2 ? room.slice(0, word) : room}…`;
}
