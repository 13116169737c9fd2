/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  // Packages that ship only ES modules are transformed like our own sources.
  transform: {
    "^.+\\.[cm]?[jt]s$": ["@swc/jest", { jsc: { target: "es2022" }, module: { type: "commonjs" } }],
  },
  transformIgnorePatterns: [
    "/node_modules/(?!(aedes|aedes-.*|mqemitter|aws-ses-v2-local|hyperid|fastfall|fast-check|pure-rand)/)",
  ],
  setupFiles: ["<rootDir>/test/setup.ts"],
  setupFilesAfterEnv: ["aws-cdk-lib/testhelpers/jest-autoclean"],
  modulePathIgnorePatterns: ["<rootDir>/.build", "<rootDir>/cdk.out"],
};
