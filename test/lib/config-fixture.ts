/** The example's configuration with one thing changed, and what is wrong with it. */
import { ConfigError, parseConfig } from "../../lib/config.ts";
import { exampleConfig } from "./example-app.ts";

export function problemsOf(value: unknown): readonly string[] {
  try {
    parseConfig(value);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

export const { clusters, mail } = exampleConfig;

export const withMail = (changes: object) => ({ ...exampleConfig, mail: { ...mail, ...changes } });
