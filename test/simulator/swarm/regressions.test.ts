/** What the swarm once broke: each file of test/regressions, under all its rules and with what the file expects. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IMPLEMENTED } from "../../../simulator/cli/shared/protocol-choice.ts";
import { allHeld, playUnderRules } from "../../../simulator/cli/swarm/play-one.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import { seedOf } from "../../../simulator/swarm/regression.ts";

const FOLDER = join(__dirname, "../../regressions");
const files = readdirSync(FOLDER);

test("files -> all are scenarios, named as they call themselves", () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !file.endsWith(".yaml"))).toEqual([]);
  for (const file of files)
    expect(`${parseScenario(readFileSync(join(FOLDER, file), "utf8"), file).name}.yaml`).toBe(file);
});

test.each(files)("%s -> it does not break any more", async (file) => {
  const scenario = parseScenario(readFileSync(join(FOLDER, file), "utf8"), file);
  expect(scenario.protocols.size).toBeGreaterThan(0);
  for (const [name, answer] of scenario.protocols) {
    const played = await playUnderRules(
      scenario,
      { name, protocol: IMPLEMENTED[name], answer },
      seedOf(scenario.name),
    );
    expect({ ...played, held: allHeld(played) }).toMatchObject({ violations: [], held: true });
  }
});
