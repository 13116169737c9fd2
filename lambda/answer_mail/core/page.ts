/** What the browser shows: one page, without a script, without anything fetched. */
import { createHash } from "node:crypto";
import { BACKEND } from "../../../lib/contract/incidents.ts";
import type { Answer } from "../../core/answer.ts";
import type { Answerable } from "../../core/answer-token.ts";
import { escapeHtml } from "../../core/escape-html.ts";
import { utcMinute } from "../../core/instants.ts";
import { TITLES } from "../../core/titles.ts";
import { choices } from "./choices.ts";

/** As a function URL takes it, payload format 2.0. */
export interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const STYLE = `:root{color-scheme:light dark}
body{margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}
main{max-width:32em;margin:0 auto;overflow-wrap:break-word}
h1{font-size:1.4em;line-height:1.3;margin:0 0 .5em}
form{margin:1.5em 0}
button{font:inherit;font-weight:bold;display:block;width:100%;padding:.7em 1em;margin:1.2em 0 .3em;border:1px solid #888;border-radius:6px;cursor:pointer}
label{display:block;padding:.5em 0}
fieldset{border:1px solid #888;border-radius:6px;padding:.3em 1em}
small{opacity:.75}
code{overflow-wrap:anywhere}`;

/**
 * Nothing but the style above, by its hash, and the form back to where the page came from. The address of the page is
 * what an answer needs, so it is kept out of caches, search engines and Referer.
 */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
} as const;

const page = (statusCode: number, title: string, body: readonly string[]): Response => ({
  statusCode,
  headers: HEADERS,
  body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>
<h1>${escapeHtml(title)}</h1>
${body.join("\n")}
</main></body></html>
`,
});

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

const titleOf = ({ clusterId, kind, subject }: Answerable): string =>
  `${clusterId === BACKEND ? "backend" : clusterId}: ${TITLES[kind](subject)}`;

const STILL_TOLD = "The mail that it is over comes in any case.";

/** The command that does the same, for a reader whose link does not. */
function byCommand({ clusterId, kind, subject }: Answerable): string {
  const cluster = clusterId === BACKEND ? `'${BACKEND}'` : clusterId;
  const command = `npm run acknowledge -- ${cluster} ${kind} ${subject}`;
  return `<p>Who has the project can answer without a link: <code>${escapeHtml(command)}</code></p>`;
}

/** One who is alone need not say who they are. */
function whoQuestion(names: readonly string[]): readonly string[] {
  if (names.length < 2) return [];
  const choice = (value: string, label: string): string =>
    `<label><input type="radio" name="by" value="${escapeHtml(value)}" required> ${escapeHtml(label)}</label>`;
  return [
    "<fieldset><legend>Who are you? The others are told who handles it.</legend>",
    ...names.map((name) => choice(name, name)),
    choice("", "I would rather not say"),
    "</fieldset>",
  ];
}

/**
 * Asks; nothing has been done yet: programs that look into links before their reader does come here too.
 * @param names of those who get mails
 */
export const askingPage = (about: Answerable, names: readonly string[]): Response =>
  page(200, titleOf(about), [
    `<form method="post">`,
    ...whoQuestion(names),
    ...choices.map(
      ({ name, label, explained }) =>
        `<button name="answer" value="${escapeHtml(name)}">${escapeHtml(label)}</button><small>${escapeHtml(explained)}</small>`,
    ),
    "</form>",
    paragraph(`Nothing has been done yet. ${STILL_TOLD}`),
  ]);

/** 200: the answer was written down, and what follows from it. @param names of those who get mails */
export const notedPage = (about: Answerable, answer: Answer, names: readonly string[]): Response =>
  page(200, answer.kind === "acknowledge" ? "Acknowledged" : "Snoozed", [
    paragraph(titleOf(about)),
    paragraph(
      answer.kind === "acknowledge"
        ? "No more reminders come, unless it is over and starts again."
        : `No reminders come until ${utcMinute(answer.untilMs)}.`,
    ),
    ...(answer.kind === "acknowledge" && answer.by !== undefined && names.length > 1
      ? [
          paragraph(
            `The others who were told of it hear within a quarter of an hour that ${answer.by} handles it.`,
          ),
        ]
      : []),
    paragraph(`${STILL_TOLD} To answer otherwise, open the link in the mail again: the last answer counts.`),
  ]);

/** 409: it stands otherwise than the link says. */
export const notFiringPage = (about: Answerable): Response =>
  page(409, "Nothing to answer any more", [
    paragraph(titleOf(about)),
    paragraph(
      "This is over, or it was over and has started again since: then the newest mail about it has the link that works. Nothing was changed.",
    ),
  ]);

/** 410: the token of the link is too old. */
export const expiredPage = (about: Answerable): Response =>
  page(410, "This link has expired", [
    paragraph(titleOf(about)),
    paragraph("Nothing was changed. Each reminder brings a link of its own: take the newest one."),
    byCommand(about),
  ]);

/** One page for both: to whom a token was not given, nothing is said about it. */
export const unknownLinkPage = (why: "malformed" | "forged"): Response =>
  page(why === "malformed" ? 400 : 403, "This link does not work", [
    paragraph(
      "It is not one from our mails, or it was cut short or changed on its way. Nothing was changed. Copy the whole link out of the mail, or take the newest mail.",
    ),
  ]);

/** 400: the form holds none of the buttons' values. */
export const noSuchAnswerPage = (about: Answerable): Response =>
  page(400, "This is no answer", [
    paragraph("Nothing was changed. Open the link in the mail and use its buttons."),
    byCommand(about),
  ]);

/** 405, with `allow`: neither GET, HEAD nor POST. */
export const wrongMethodPage = (): Response => {
  const refused = page(405, "Open the link in a browser", [
    paragraph("This address knows GET and POST alone."),
  ]);
  return { ...refused, headers: { ...refused.headers, allow: "GET, HEAD, POST" } };
};

/** 503: the table could not be written. */
export const unavailablePage = (about: Answerable): Response =>
  page(503, "This did not work", [
    paragraph("The answer could not be written down. Try again in a minute."),
    byCommand(about),
  ]);
