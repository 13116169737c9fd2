// A ceiling for a test that hangs, on a machine that is busy with others; nothing is measured by it.
jest.setTimeout(30_000);
