/** The text of a scenario file, from its bytes. */
import { ScenarioError } from "./scenario-error.ts";

/** Largest scenario file, in bytes; a larger one is refused. */
export const SCENARIO_BYTES_MAX = 1_000_000;
const LF = 0x0a;

/**
 * Decodes a scenario file.
 * @param file its name, for messages
 * @throws ScenarioError when it is larger than `SCENARIO_BYTES_MAX` or not UTF-8.
 */
export function scenarioText(bytes: Uint8Array, file: string): string {
  if (bytes.length > SCENARIO_BYTES_MAX)
    throw new ScenarioError(file, [
      { line: 1, text: `larger than ${SCENARIO_BYTES_MAX} bytes; a scenario is a page of YAML` },
    ]);
  const text = decoded(bytes);
  if (text !== undefined) return text;
  throw new ScenarioError(file, [{ line: firstWrongLine(bytes), text: "not UTF-8; save the file as UTF-8" }]);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first line that is not UTF-8. Lines can be decoded one by one: no character of several bytes contains an LF. */
function firstWrongLine(bytes: Uint8Array): number {
  for (let line = 1, from = 0; ; line += 1) {
    const end = bytes.indexOf(LF, from);
    if (end < 0 || decoded(bytes.subarray(from, end)) === undefined) return line;
    from = end + 1;
  }
}
