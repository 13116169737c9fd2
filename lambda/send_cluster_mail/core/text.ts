/** A story as plain text: everything the HTML says, for readers that show no HTML. */
import type { NodeRow } from "./cluster-table.ts";
import type { Story } from "./story.ts";

const ROLE_WIDTH = "standby, suspected".length + 2;

const row = ({ node, role, lastSeen }: NodeRow): string =>
  `  node ${node}  ${role.padEnd(ROLE_WIDTH)}${lastSeen}`;

const block = (title: string, lines: readonly string[]): string => [title, ...lines].join("\n");

/** Lines are not wrapped: the reader's program knows its own width. */
export function renderText(story: Story): string {
  const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
  return [
    story.headline,
    ...story.notices.map((notice) => `NOTE: ${notice}`),
    ...story.sections.map(({ title, lines }) => block(title, indented(lines))),
    block("Runbook", indented([story.runbookUrl])),
    block(`${story.table.title} (role, last seen)`, story.table.rows.map(row)),
    story.footer,
  ]
    .join("\n\n")
    .concat("\n");
}
