/**
 * Each policy, permission and rule of the templates is changed by one word: wider, narrower, or gone. The tests of the
 * stacks must notice each change; these are the very tests that `npm test` runs, on changed templates.
 */
import { ChangingTemplates, collect } from "./collected-tests.ts";
import { mutantsOf } from "./policy-mutants.ts";

const FILES = [
  "../lib/stacks/devices-stack.test.ts",
  "../lib/stacks/pipeline-rules.test.ts",
  "../lib/stacks/pipeline-functions.test.ts",
  "../lib/stacks/pipeline-stack.test.ts",
  "../lib/constructs/alarm-topic.test.ts",
  "../lib/constructs/device-certificates.test.ts",
  "./permissions.test.ts",
];

const templates = new ChangingTemplates();
/** What each reads when nothing is changed. @throws what a test throws that fails even so */
const tests = FILES.flatMap((file) => collect(file, templates)).map((test) => ({
  ...test,
  reads: templates.readBy(test.run),
}));
const mutants = mutantsOf(templates.originals);

const fails = ({ run }: { readonly run: () => void }): boolean => {
  try {
    run();
    return false;
  } catch {
    return true;
  }
};

test("one word of any policy, permission or rule changed -> a test fails", () => {
  // Constructs stay as they are, and what is said of them is slow to read.
  const byTemplate = tests.filter(({ reads }) => !reads.has("constructs"));
  const survivors: string[] = [];
  for (const { stack, name, mutation } of mutants) {
    templates.change(mutation);
    const killer = byTemplate.findIndex((each) => each.reads.has(stack) && fails(each));
    if (killer < 0) survivors.push(name);
    // The next change is most often to the same policy.
    else byTemplate.unshift(...byTemplate.splice(killer, 1));
  }
  templates.change(undefined);
  expect(byTemplate.filter(fails).map(({ name }) => name)).toEqual([]);
  expect(templates.broken).toEqual([]);
  expect(survivors).toEqual([]);
  expect(mutants.length).toBeGreaterThan(800);
});
