// @ts-check
/**
 * docs/commands.md, made from each command's own --help: `npm run docs` writes it anew, and
 * test/end-to-end/every-command.test.ts holds it to what the commands print.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** By what a person wants to do; every script of package.json is in one of them. */
export const GROUPS = [
  {
    title: "Play",
    about: "These need no account and no hardware: nothing leaves this machine.",
    commands: ["simulate", "cloud", "node", "battery", "mails", "verify", "swarm"],
  },
  {
    title: "Live with it",
    about: "These work on a deployment, or with `--target local` on the cloud on this machine.",
    commands: ["provision", "doctor", "test-mail", "readings", "acknowledge", "mute", "replay", "cost"],
  },
  {
    title: "Develop",
    about: "CONTRIBUTING.md says when to use each.",
    commands: ["check", "test", "golden", "docs", "bench", "mail-pictures", "prepare"],
  },
];

const INTRO = `# Commands

Write options after \`--\`, or npm takes them for its own: \`npm run simulate -- --list\`. If a program reads the output, add \`-s\`, which keeps npm's own lines off stdout: \`npm run -s simulate -- --json\`.

Exit codes: 0 all is well, 1 something is not as it should be, 2 the command line, a file or a port was wrong, 128 + n ended by signal n.

\`npm run docs\` makes this page from the \`--help\` of each command. \`npm run synth\` is \`cdk synth --strict\`, \`npm run format\` is \`biome check --write\`.
`;

/** The first sentence of a help text. @param {string} help */
const firstSentence = (help) => /^[\s\S]*?\.(?=\s|$)/.exec(help)?.[0].replace(/\s+/g, " ") ?? "";

/** @param {string} name @param {string} help */
export const sectionOf = (name, help) => `### ${name}\n\n\`\`\`\n${help.trimEnd()}\n\`\`\`\n`;

/** @param {(name: string) => string} helpOf what a command prints with --help */
export function commandsDoc(helpOf) {
  const parts = GROUPS.map(({ title, about, commands }) => {
    const rows = commands.map(
      (name) => `| [\`npm run ${name}\`](#${name}) | ${firstSentence(helpOf(name))} |`,
    );
    const sections = commands.map((name) => sectionOf(name, helpOf(name)));
    return `## ${title}\n\n${about}\n\n| command | does |\n|---|---|\n${rows.join("\n")}\n\n${sections.join("\n")}`;
  });
  return `${INTRO}\n${parts.join("\n")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const doc = commandsDoc((name) => {
    const [, ...words] = scripts[name].split(" ");
    const { status, stdout, stderr } = spawnSync(process.execPath, [...words, "--help"], {
      cwd: root,
      encoding: "utf8",
    });
    if (status === 0) return stdout;
    console.error(`npm run ${name} -- --help failed: ${stderr}`);
    process.exit(1);
  });
  writeFileSync(`${root}/docs/commands.md`, doc);
}
