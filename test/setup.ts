// The CDK's template validation costs three seconds a test file; `npm run synth` runs it once, as its own gate.
process.env.CDK_VALIDATION = "false";
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
// The CSRs of whoever runs the tests are not theirs: as after a fresh clone there are none.
process.env.HA2M_CSRS = "test/no-csrs";
