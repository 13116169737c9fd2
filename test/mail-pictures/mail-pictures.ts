/** `npm run mail-pictures`: how mails look, by the shipped renderer and a browser; HELP says more. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mail } from "../../lambda/send_cluster_mail/core/mail/mail.ts";
import { parseFlags, refuseWords } from "../../simulator/cli/shared/arguments.ts";
import { runCommand } from "../../simulator/cli/shared/run-command.ts";
import { Browser, type Look } from "./browser.ts";
import { documented, everything } from "./samples.ts";

const DOCS = fileURLToPath(new URL("../../docs/mails", import.meta.url));
const HELP = `Rewrites docs/mails: a mail of each kind, drawn by Chromium on a phone in dark
mode and on a desktop, and its plain text. Needs Chromium or Chrome on PATH,
or as BROWSER_BIN.

  npm run mail-pictures -- [--all DIR]

  --all DIR  every kind in every state, at 360 and 800 px, light and dark, into
             DIR instead
  --help
`;
const DOCUMENTED: readonly Look[] = [
  { width: 360, scheme: "dark" },
  { width: 800, scheme: "light" },
];
const ALL: readonly Look[] = [360, 800].flatMap((width) =>
  (["light", "dark"] as const).map((scheme) => ({ width, scheme })),
);

/** A page that is not a mail has no parts: pictures are put in where the mail names them. */
const pageOf = ({ html, pictures }: Mail): string =>
  pictures.reduce((page, { contentId, png }) => {
    const data = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
    return page.replace(`cid:${contentId}`, data);
  }, html);

async function draw(mails: ReadonlyMap<string, Mail>, looks: readonly Look[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = new Browser();
  let bytes = 0;
  try {
    await browser.open();
    for (const [name, mail] of mails) {
      writeFileSync(join(folder, `${name}.txt`), mail.text);
      for (const look of looks) {
        const { webp, overflow } = await browser.draw(pageOf(mail), look);
        if (overflow > 0) process.stderr.write(`${name} is ${overflow} px wider than ${look.width} px\n`);
        writeFileSync(join(folder, `${name}-${look.width}-${look.scheme}.webp`), webp);
        bytes += webp.length;
      }
    }
  } finally {
    await browser.close();
  }
  const count = mails.size * looks.length;
  process.stdout.write(`${count} pictures, ${(bytes / 1_000_000).toFixed(2)} MB, in ${folder}\n`);
}

process.exitCode = await runCommand(async () => {
  const flags = { all: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
  const { values, positionals } = parseFlags("mail-pictures", process.argv.slice(2), flags);
  refuseWords("mail-pictures", positionals);
  if (values.help === true) process.stdout.write(HELP);
  else if (values.all === undefined) {
    // What a kind that is no more has left.
    rmSync(DOCS, { recursive: true, force: true });
    await draw(documented(), DOCUMENTED, DOCS);
  } else await draw(everything(), ALL, resolve(values.all));
  return 0;
});
