// A ceiling for a command that hangs, on any machine; nothing here is measured.
jest.setTimeout(90_000);
