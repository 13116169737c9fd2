import {
  CLOUD_FLAGS,
  runCloudCommand,
  type TargetFlags,
  targetOf,
} from "../../../../simulator/cli/shared/cloud-command.ts";

const FLAGS = { ...CLOUD_FLAGS, most: { type: "string" } } as const;

/** Runs a command with these words. @returns its exit code, what it printed, and the options that it was run with */
async function played(argv: readonly string[]) {
  const printed = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    jest.spyOn(process[stream], "write").mockImplementation((text) => {
      printed[stream] += String(text);
      return true;
    }),
  );
  let ran: unknown;
  const run = async (values: unknown) => {
    ran = values;
    return 7;
  };
  try {
    const code = await runCloudCommand({ name: "weigh", help: "Weighs.\n", flags: FLAGS, run }, argv);
    return { code, ran: ran && { ...ran }, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("options, its own and the shared ones -> the command runs with them, and its exit code counts", async () => {
  expect(await played(["--most", "3", "--target", "aws", "--json"])).toEqual({
    code: 7,
    ran: { most: "3", target: "aws", json: true },
    stdout: "",
    stderr: "",
  });
});

test.each([[["--help"]], [["-h", "--json"]]])("%j -> the help alone, exit code 0", async (argv) => {
  expect(await played(argv)).toEqual({ code: 0, ran: undefined, stdout: "Weighs.\n", stderr: "" });
});

test.each<[string, readonly string[], RegExp]>([
  ["a word that is no option", ["kitchen"], /"kitchen" is not an option/],
  ["an option of no command", ["--mist", "3"], /Did you mean --most\?/],
])("%s -> exit code 2, and the command does not run", async (_, argv, said) => {
  const { code, ran, stderr } = await played(argv);
  expect([code, ran]).toEqual([2, undefined]);
  expect(stderr).toMatch(said);
});

test.each<[TargetFlags, "local" | "aws", "local" | "aws"]>([
  [{}, "aws", "aws"],
  [{}, "local", "local"],
  [{ target: "local", cloud: "x.json" }, "aws", "local"],
  [{ outputs: "y.json", region: "eu-west-3" }, "aws", "aws"],
])("%j, by default %s -> %s", (flags, standard, target) => {
  expect(targetOf(flags, standard)).toBe(target);
});

test.each<[TargetFlags, "local" | "aws", string]>([
  [{ target: "aws", cloud: "x.json" }, "local", "--cloud does not go with --target aws."],
  [{ region: "eu-west-3" }, "local", "--region does not go with --target local."],
  [{ target: "local", outputs: "y.json" }, "aws", "--outputs does not go with --target local."],
  [{ target: "azure" }, "aws", '--target takes "local" or "aws", not "azure".'],
])("%j, by default %s -> refused: %s", (flags, standard, said) => {
  expect(() => targetOf(flags, standard)).toThrow(said);
});
