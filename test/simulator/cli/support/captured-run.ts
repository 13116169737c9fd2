/** A command of this process, called as its command line is, and what it prints caught. */
export const capturedRun =
  (main: (argv: readonly string[]) => Promise<number>) =>
  async (...args: readonly string[]) => {
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      jest.spyOn(process[stream], "write").mockImplementation((text) => {
        printed[stream] += String(text);
        return true;
      });
    try {
      return { code: await main(args), ...printed };
    } finally {
      jest.restoreAllMocks();
    }
  };
