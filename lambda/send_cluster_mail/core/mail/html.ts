/**
 * A mail's content as HTML: inline styles only, one column, pictures that travel with the mail, nothing fetched.
 *
 * Text and background colours are left to the reader (`color-scheme: light dark`), so that dark mode is the mail
 * program's own; badge, note and button carry both their colours and are readable on either.
 */
import { escapeHtml } from "../../../core/escape-html.ts";
import {
  ANSWER_TITLE,
  type MailContent,
  NIGHT_TITLE,
  type Picture,
  type Section,
  type State,
  type Table,
} from "./mail-content.ts";

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const RULE = "1px solid #8888";
const CELL = `padding:6px 12px 6px 0;border-bottom:${RULE};text-align:left;vertical-align:top`;
const COLOUR: Readonly<Record<State, string>> = {
  firing: "#b3261e",
  reminder: "#8a4b00",
  acknowledged: "#0b57a4",
  resolved: "#1b6e3c",
  digest: "#37474f",
  weekly: "#37474f",
  test: "#37474f",
};

/**
 * What an inbox shows behind the subject, and nobody sees in the mail itself. What follows in the mail would follow it
 * there: blanks of no width fill the rest of the line.
 */
function preheader({ night, sections }: MailContent): string {
  const text = night === undefined ? (sections[0]?.lines[0] ?? "") : `Can it wait? ${night}`;
  return `<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(text)}${"&#847;&zwnj;&nbsp;".repeat(40)}</div>`;
}

const badge = ({ state }: MailContent): string =>
  `<span style="background:${COLOUR[state]};color:#fff;padding:3px 8px;border-radius:4px;font-size:13px;font-weight:bold;letter-spacing:.5px">` +
  `${state.toUpperCase()}</span>`;

const nightBox = (night: string, state: State): string =>
  `<p style="border-left:4px solid ${COLOUR[state]};padding:2px 0 2px 12px;margin:0 0 12px">` +
  `<b>${escapeHtml(NIGHT_TITLE)}</b><br>${escapeHtml(night)}</p>`;

/** A date breaks at its hyphens otherwise, and a number before its unit. */
const inOnePiece = (escaped: string): string =>
  escaped
    .replace(/\d{4}-\d\d-\d\d/g, '<span style="white-space:nowrap">$&</span>')
    .replace(/(\d) (?=(?:°C|V|d|h|min|s)\b)/g, "$1&nbsp;");

const note = (text: string): string =>
  `<p style="background:#fff3cd;color:#4d3800;padding:8px 12px;border-radius:4px;margin:12px 0">${escapeHtml(text)}</p>`;

const heading = (text: string): string =>
  `<h2 style="font-size:15px;margin:20px 0 4px">${inOnePiece(escapeHtml(text))}</h2>`;

const section = ({ title, lines }: Section): string =>
  heading(title) +
  lines.map((line) => `<p style="margin:0 0 4px">${inOnePiece(escapeHtml(line))}</p>`).join("");

/** The sparkline stands for the picture where pictures are not shown. */
const picture = ({ title, caption, sparkline, ticks }: Picture, contentId: string): string =>
  `${heading(title)}<p style="margin:0 0 4px">${escapeHtml(caption)}</p>` +
  `<img src="cid:${escapeHtml(contentId)}" alt="${escapeHtml(sparkline)}" width="384" height="96" ` +
  `style="display:block;width:100%;max-width:384px;height:auto;image-rendering:pixelated;border-bottom:${RULE}">` +
  `<p style="margin:4px 0 0;font-size:13px;opacity:.75">${escapeHtml(ticks)}</p>`;

const BUTTON =
  "display:inline-block;padding:10px 16px;margin:0 8px 8px 0;border-radius:6px;font-weight:bold;text-decoration:none";

const button = (url: string, text: string, style: string): string =>
  `<a href="${escapeHtml(url)}" style="${BUTTON};${style}">${escapeHtml(text)}</a>`;

function buttons({ answerUrl, runbookUrl }: MailContent): string {
  const answer =
    answerUrl === undefined
      ? []
      : [button(answerUrl, ANSWER_TITLE, "background:#1a5fb4;color:#fff;border:1px solid #1a5fb4")];
  const runbook = button(runbookUrl, "Open the runbook", `color:inherit;border:${RULE}`);
  return `<p style="margin:20px 0 0">${[...answer, runbook].join("")}</p>`;
}

/** A short cell stays in one piece, however narrow the screen is: `node 0`, `4.87 V`. */
const UNBROKEN_LENGTH_MAX = 10;

const cells = (tag: "td" | "th", row: readonly string[], style = ""): string =>
  row
    .map((cell, column) => {
      const last = column === row.length - 1 ? ";padding-right:0" : "";
      const unbroken = cell.length <= UNBROKEN_LENGTH_MAX ? ";white-space:nowrap" : "";
      return `<${tag} style="${CELL}${last}${unbroken}${style}">${inOnePiece(escapeHtml(cell))}</${tag}>`;
    })
    .join("");

const answerRow = (url: string | undefined, columns: number): string =>
  url === undefined
    ? ""
    : `<tr><td colspan="${columns}" style="${CELL}"><a href="${escapeHtml(url)}">${escapeHtml(ANSWER_TITLE)}</a></td></tr>`;

const table = ({ title, columns, rows, answers = [] }: Table): string =>
  heading(title) +
  `<table style="border-collapse:collapse;width:100%;font-size:14px">` +
  `<tr>${cells("th", columns, ";font-weight:normal;opacity:.75")}</tr>` +
  `${rows.map((row, place) => `<tr>${cells("td", row)}</tr>${answerRow(answers[place], columns.length)}`).join("\n")}</table>`;

/** Readable from 320 px up. @param pictureIdOf the Content-ID of each picture, without angle brackets */
export function renderHtml(content: MailContent, pictureIdOf: (index: number) => string): string {
  const { night, state } = content;
  const body = [
    `<p style="margin:0 0 12px">${badge(content)}</p>`,
    `<h1 style="font-size:20px;line-height:1.3;margin:0 0 12px">${inOnePiece(escapeHtml(content.headline))}</h1>`,
    ...(night === undefined ? [] : [nightBox(night, state)]),
    ...content.notices.map(note),
    ...content.sections.map(section),
    ...content.pictures.map((one, i) => picture(one, pictureIdOf(i))),
    buttons(content),
    ...(content.table === undefined ? [] : [table(content.table)]),
    `<p style="margin:20px 0 0;font-size:13px;opacity:.75">${inOnePiece(escapeHtml(content.footer))}</p>`,
  ].join("\n");
  return `<!doctype html>
<html lang="en" style="color-scheme:light dark">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(content.subject)}</title></head>
<body style="margin:0;padding:16px;${FONT};font-size:15px;line-height:1.45">
${preheader(content)}
<div style="max-width:600px;margin:0 auto;overflow-wrap:break-word">
${body}
</div>
</body></html>
`;
}
