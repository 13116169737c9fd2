/** Every named scenario, in the order in which `--list` shows them; the first is the default. */
import { haveOcado } from "./have-ocado.ts";
import type { Scenario } from "./scenario.ts";

export const SCENARIOS: readonly Scenario[] = [haveOcado];
