import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../..");

test("a malformed configuration -> what is wrong on stderr, no stack trace, exit 2", () => {
  const context = JSON.stringify({ ha2m: { clusters: { kitchen: { nodes: 2, sleep_s: 900 } } } });
  const run = spawnSync(process.execPath, ["--import", "tsx", "bin/ha2m.ts"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, CDK_CONTEXT_JSON: context },
  });
  expect(run.stderr.trim().split("\n")).toEqual([
    "CFG-001 the configuration has 2 problems:",
    '  - ha2m.mail is missing: expected an object, for example {"from":"ha2m@example.com","to":["you@example.com"],"runbook_url":"https://example.com/ha2m/RUNBOOK.md"}',
    '  - ha2m.retention is missing: expected an object, for example {"readings_days":365,"logs_days":30}',
    'Correct "ha2m" in the context of cdk.json.',
  ]);
  expect(run.status).toBe(2);
});
