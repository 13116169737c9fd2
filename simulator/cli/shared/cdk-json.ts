/** cdk.json: how the app is run, and its context, which holds the configuration. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../project-root.ts";
import { UsageError } from "./arguments.ts";

/** The project's `cdk.json`, as far as commands read it. */
export interface CdkJson {
  readonly file: string;
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** @throws UsageError when the file cannot be read, is no JSON, or names no app; NoProjectError when there is none. */
export function readCdkJson(): CdkJson {
  const file = join(projectRoot(), "cdk.json");
  let parsed: { readonly app?: unknown; readonly context?: Readonly<Record<string, unknown>> } | null;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${file} ${"syscall" in (error as object) ? "cannot be read" : "is not valid JSON"}: ${why}`,
    );
  }
  if (typeof parsed?.app !== "string")
    throw new UsageError(`${file} names no "app", such as "node --import tsx bin/ha2m.ts"`);
  return { file, app: parsed.app, context: parsed.context ?? {} };
}
