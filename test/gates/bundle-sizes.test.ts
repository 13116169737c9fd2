/**
 * What a function's bundle may weigh: a cold start reads all of it. Whoever needs more raises the budget, and says in the
 * commit for what.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../simulator/cli/shared/cdk-json.ts";

/** In bytes, minified; about a twentieth above what each weighs. Nearly all of it is AWS's SDK. */
const BUDGET: Readonly<Record<string, number>> = {
  "ha2m-answer_mail": 410_000,
  "ha2m-send_cluster_mail": 655_000,
  "ha2m-sweep_clusters": 690_000,
  "ha2m-tell_subscribers": 380_000,
};

// A ceiling for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(60_000);

interface FunctionResource {
  readonly Type: string;
  readonly Properties: { readonly FunctionName: string; readonly Code: { readonly S3Key: string } };
}

async function bundleSizes(): Promise<Record<string, number>> {
  const { ha2m } = readCdkJson().context;
  // As test/simulator/local-cloud/alerts.test.ts has it: one assembly serves both.
  const sns = [{ protocol: "sms", endpoint: "+447700900123" }];
  const on = { notify: { event_bus: true, sns }, answer: { links: true } };
  const assembly = await freshAssembly(() => undefined, { ha2m: { ...(ha2m as object), ...on } });
  const { Resources } = JSON.parse(readFileSync(join(assembly, "Ha2mPipeline.template.json"), "utf8"));
  return Object.fromEntries(
    (Object.values(Resources) as FunctionResource[])
      .filter(({ Type }) => Type === "AWS::Lambda::Function")
      .map(({ Properties: { FunctionName, Code } }) => [
        FunctionName,
        statSync(join(assembly, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js")).size,
      ]),
  );
}

test("each function's bundle -> within its budget, which is not much more than it weighs", async () => {
  const sizes = await bundleSizes();
  expect(Object.keys(sizes).sort()).toEqual(Object.keys(BUDGET));
  const used = Object.entries(sizes).map(([name, size]) => [name, size, size / BUDGET[name]!] as const);
  expect(used.filter(([, , share]) => share > 1)).toEqual([]);
  // A budget that is far above guards nothing.
  expect(used.filter(([, , share]) => share < 0.8)).toEqual([]);
});
