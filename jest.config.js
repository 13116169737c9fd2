/** ES-module-only packages are transformed like our own sources. */
const transformed = ["aedes", "aedes-.*", "mqemitter", "hyperid", "fastfall", "fast-check", "pure-rand"];

const common = {
  testEnvironment: "node",
  transform: {
    "^.+\\.[cm]?[jt]s$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${transformed.join("|")})/)`],
  setupFiles: ["<rootDir>/test/setup.ts"],
  setupFilesAfterEnv: ["<rootDir>/test/patience.ts", "aws-cdk-lib/testhelpers/jest-autoclean"],
  modulePathIgnorePatterns: ["<rootDir>/.build", "<rootDir>/cdk.out"],
};

/**
 * `unit` is quick; `long` are unit tests that search or draw for many seconds; `end-to-end` runs the commands as a user
 * does. @type {import("jest").Config}
 */
export default {
  // One fewer than the cores is the default: on two of them, one. Much of what is tested waits for a process or a clock.
  maxWorkers: 2,
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/test/end-to-end/", "\\.long\\.test\\.ts$"],
    },
    { ...common, displayName: "long", testMatch: ["<rootDir>/test/**/*.long.test.ts"] },
    {
      ...common,
      displayName: "end-to-end",
      testMatch: ["<rootDir>/test/end-to-end/**/*.test.ts"],
      setupFilesAfterEnv: ["<rootDir>/test/end-to-end/support/patience.ts"],
    },
  ],
};
