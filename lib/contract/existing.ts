/**
 * Under this name a template's metadata lists what its stack counts on and does not make, in the form of resources: by a
 * logical id, type and properties. CloudFormation does not read it; the local cloud makes what stands there.
 */
export const EXISTING = "ha2m:existing";
