/**
 * A mail's content as HTML: inline styles only, one column, no images, nothing fetched.
 *
 * Text and background colours are left to the reader (`color-scheme: light dark`), so that dark mode is the mail
 * program's own; the badge and the note carry both their colours and are readable on either.
 */
import { escapeHtml } from "../../../core/escape-html.ts";
import type { MailContent, Section, State, Table } from "./mail-content.ts";

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const RULE = "1px solid #8888";
const CELL = `padding:6px 12px 6px 0;border-bottom:${RULE};text-align:left;vertical-align:top`;
const BADGE: Readonly<Record<State, string>> = {
  firing: "background:#b3261e;color:#fff",
  reminder: "background:#8a4b00;color:#fff",
  resolved: "background:#1b6e3c;color:#fff",
  digest: "background:#37474f;color:#fff",
  test: "background:#37474f;color:#fff",
};

const badge = ({ state }: MailContent): string =>
  `<span style="${BADGE[state]};padding:3px 8px;border-radius:4px;font-size:13px;font-weight:bold;letter-spacing:.5px">` +
  `${state.toUpperCase()}</span>`;

const note = (text: string): string =>
  `<p style="background:#fff3cd;color:#4d3800;padding:8px 12px;border-radius:4px;margin:12px 0">${escapeHtml(text)}</p>`;

const heading = (text: string): string =>
  `<h2 style="font-size:15px;margin:20px 0 4px">${escapeHtml(text)}</h2>`;

const section = ({ title, lines }: Section): string =>
  heading(title) + lines.map((line) => `<p style="margin:0 0 4px">${escapeHtml(line)}</p>`).join("");

const link = (url: string, text: string): string =>
  `<p style="margin:12px 0"><a href="${escapeHtml(url)}" style="font-weight:bold">${escapeHtml(text)}</a></p>`;

/** A short cell stays in one piece, however narrow the screen is: `node 0`, `4.87 V`. */
const UNBROKEN_LENGTH_MAX = 10;

/** A date breaks at its hyphens otherwise. */
const inOnePiece = (escaped: string): string =>
  escaped.replace(/\d{4}-\d\d-\d\d/g, '<span style="white-space:nowrap">$&</span>');

const cells = (tag: "td" | "th", row: readonly string[], style = ""): string =>
  row
    .map((cell, column) => {
      const last = column === row.length - 1 ? ";padding-right:0" : "";
      const unbroken = cell.length <= UNBROKEN_LENGTH_MAX ? ";white-space:nowrap" : "";
      return `<${tag} style="${CELL}${last}${unbroken}${style}">${inOnePiece(escapeHtml(cell))}</${tag}>`;
    })
    .join("");

const table = ({ title, columns, rows }: Table): string =>
  heading(title) +
  `<table style="border-collapse:collapse;width:100%;font-size:14px">` +
  `<tr>${cells("th", columns, ";font-weight:normal;opacity:.75")}</tr>` +
  `${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n")}</table>`;

/** Readable from 320 px up. */
export function renderHtml(content: MailContent): string {
  const body = [
    `<p style="margin:0 0 12px">${badge(content)}</p>`,
    `<h1 style="font-size:20px;line-height:1.3;margin:0 0 8px">${escapeHtml(content.headline)}</h1>`,
    ...content.notices.map(note),
    ...content.sections.map(section),
    ...(content.answerUrl === undefined ? [] : [link(content.answerUrl, "Acknowledge, or snooze")]),
    link(content.runbookUrl, "Open the runbook"),
    ...(content.table === undefined ? [] : [table(content.table)]),
    `<p style="margin:20px 0 0;font-size:13px;opacity:.75">${escapeHtml(content.footer)}</p>`,
  ].join("\n");
  return `<!doctype html>
<html lang="en" style="color-scheme:light dark">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(content.subject)}</title></head>
<body style="margin:0;padding:16px;${FONT};font-size:15px;line-height:1.45">
<div style="max-width:600px;margin:0 auto;overflow-wrap:break-word">
${body}
</div>
</body></html>
`;
}
