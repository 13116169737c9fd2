/**
 * Key of a template's metadata with the resources that its stack uses but does not make, each by logical id with type
 * and properties. CloudFormation ignores it; the local cloud makes these resources.
 */
export const EXISTING = "ha2m:existing";
