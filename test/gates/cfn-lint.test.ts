/**
 * cfn-lint (PyPI) on every form of the templates: what AWS's own schemas of the resources refuse. Skipped where it is not
 * installed; .ci/run installs it where there is Python.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { templatesOf, variants } from "./variants.ts";

/** Where .ci/run puts it, and where a person has it. */
const command = [join(__dirname, "../../.build/cfn-lint/bin/cfn-lint"), "cfn-lint"].find(
  (one) => spawnSync(one, ["--version"]).status === 0,
);
const lint = command === undefined ? test.skip : test;
const named =
  command === undefined ? "cfn-lint is not installed (pip install cfn-lint): skipped" : "cfn-lint";

/** Rules that are right in general, and what is argued against each here. */
const IGNORED = {
  W3005: "the CDK lets each function wait for its role by name as well, which changes nothing",
};
const TIME_LIMIT_MS = 300_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-cfn-lint-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What it finds, as `file: id message`; empty: nothing. */
function findings(templates: Readonly<Record<string, object>>): string[] {
  const files = Object.entries(templates).map(([name, template]) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(template));
    return file;
  });
  const ignored = Object.keys(IGNORED).flatMap((rule) => ["--ignore-checks", rule]);
  const { stdout, stderr } = spawnSync(command!, ["--format", "json", ...ignored, "--", ...files], {
    encoding: "utf8",
  });
  if (stderr !== "") throw new Error(`cfn-lint: ${stderr}`);
  const found = JSON.parse(stdout) as readonly {
    readonly Filename: string;
    readonly Message: string;
    readonly Rule: { readonly Id: string };
  }[];
  return found.map(
    ({ Filename, Rule, Message }) => `${Filename.slice(folder.length + 1)}: ${Rule.Id} ${Message}`,
  );
}

lint(
  `${named}, on every form of the templates -> finds nothing`,
  () => {
    const templates = Object.entries(variants).flatMap(([form, variant]) =>
      Object.entries(templatesOf(variant)).map(([stack, template]) => [
        `${form.replaceAll(" ", "-")}.${stack}`,
        template.toJSON(),
      ]),
    );
    expect(findings(Object.fromEntries(templates))).toEqual([]);
  },
  TIME_LIMIT_MS,
);

lint(
  `${named}, on a queue that SQS would refuse -> says so: it is run at all`,
  () => {
    const Resources = { Q: { Type: "AWS::SQS::Queue", Properties: { MessageRetentionPeriod: 1_209_601 } } };
    expect(findings({ wrong: { Resources } })).toEqual([
      expect.stringMatching(/^wrong\.json: E\d+ 1209601 is greater than the maximum of 1209600/),
    ]);
  },
  TIME_LIMIT_MS,
);
