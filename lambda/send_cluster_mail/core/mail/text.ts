/** A mail's content as plain text: everything the HTML says, for readers that show no HTML. */
import { ANSWER_TITLE, type MailContent, NIGHT_TITLE, type Table } from "./mail-content.ts";

const block = (title: string, lines: readonly string[]): string => [title, ...lines].join("\n");

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** Columns as wide as their widest cell; the last one is left as it is. */
function rowsOf({ columns, rows, answers = [] }: Table): string[] {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.flatMap((row, place) => {
    const line = row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join("  ");
    // The first row is the columns' names.
    const answer = answers[place - 1];
    return answer === undefined ? [line] : [line, `  ${ANSWER_TITLE}: ${answer}`];
  });
}

/** Lines are not wrapped: the reader's program knows its own width. */
export function renderText(content: MailContent): string {
  const { night, pictures, table, answerUrl } = content;
  return [
    content.headline,
    ...(night === undefined ? [] : [block(NIGHT_TITLE, indented([night]))]),
    ...content.notices.map((notice) => `NOTE: ${notice}`),
    ...content.sections.map(({ title, lines }) => block(title, indented(lines))),
    ...pictures.map(({ title, caption, sparkline, legend }) =>
      block(title, indented([caption, `${sparkline}  ${legend}`])),
    ),
    ...(answerUrl === undefined ? [] : [block(ANSWER_TITLE, indented([answerUrl]))]),
    block("Runbook", indented([content.runbookUrl])),
    ...(table === undefined ? [] : [block(table.title, indented(rowsOf(table)))]),
    content.footer,
  ]
    .join("\n\n")
    .concat("\n");
}
