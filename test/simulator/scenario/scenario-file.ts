import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import { ScenarioError } from "../../../simulator/scenario/scenario-error.ts";

const STEPS = `  - at: 1h
    do: power-on
    node: 0
`;

const EXPECT = `      - readings lost: 0
`;

/** Steps begin in line 6, expectations eight lines after the last one of them. */
export const file = ({
  steps = STEPS,
  expect = EXPECT,
  cluster = "{ nodes: 2 }",
  head = "",
} = {}): string => `name: x
line: y
cluster: ${cluster}
duration: 2d
steps:
${steps}${head}protocols:
  article:
    expect:
${expect}`;

export function problemsOf(text: string, nodes?: number): string[] {
  try {
    parseScenario(text, "f.yaml", { nodes });
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ line, text: what }) => `${line}: ${what}`);
  }
  return [];
}
