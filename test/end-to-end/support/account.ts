/**
 * An AWS account, as far as `cdk deploy --all` and `cdk destroy` change what is in it: which resources there are, by which
 * names, and in which state each stack is. It reads assemblies as the CDK's command does.
 *
 * Modelled: names that must be free; a create that fails and is rolled back, and the ROLLBACK_COMPLETE that can only be
 * deleted; updates, replacements and their rollback; DeletionPolicy and UpdateReplacePolicy; deletion protection of tables;
 * termination protection, which the command sets before it carries out the change set, and takes away where the app does
 * not ask for it; exports that are in use.
 * Not modelled: what a service thinks of a property, rights, quotas, time, drift, nested stacks.
 *
 * Sources: CloudFormation user guide, "Stack failure options", "DeletionPolicy attribute", "UpdateReplacePolicy attribute",
 * "Protect a stack from being deleted"; aws-cdk 2.1148, deploy-stack.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, namesOf, scopeOf } from "./physical-names.ts";

/** A resource as a template has it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: "Delete" | "Retain" | "RetainExceptOnCreate";
  readonly UpdateReplacePolicy?: "Delete" | "Retain";
  readonly DependsOn?: string | readonly string[];
}

interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: { readonly Name: string } }>>;
}

interface Made {
  readonly resource: TemplateResource;
  /** The type and the physical name, and where that is unique. */
  readonly key: string;
  readonly name: string;
  /** The template's own name for it; undefined: CloudFormation's. */
  readonly given: string | undefined;
}

interface Stack {
  status: string;
  isProtected: boolean;
  template: Template;
  made: ReadonlyMap<string, Made>;
}

/** A stack that could not be deployed or deleted; the message is CloudFormation's. */
export class DeployError extends Error {
  override readonly name = "DeployError";
}

type Manifest = Readonly<
  Record<
    string,
    {
      readonly type: string;
      readonly properties?: { readonly templateFile?: string; readonly terminationProtection?: boolean };
    }
  >
>;

export class Account {
  /** By key, the type and the name. */
  readonly #there = new Map<string, string>();
  readonly #stacks = new Map<string, Stack>();
  #generated = 0;

  /** Something that a person or another app has made. */
  make(type: string, name: string, region = "us-east-1"): void {
    this.#there.set(keyOf(type, name, region), `${type} ${name}`);
  }

  /** Types and names of all there is. */
  get resources(): string[] {
    return [...this.#there.values()].sort();
  }

  /** Physical names of a type. */
  named(type: string): string[] {
    return this.resources.filter((one) => one.startsWith(`${type} `)).map((one) => one.split(" ")[1]!);
  }

  /** Undefined when there is no such stack. */
  statusOf(stack: string, region = "us-east-1"): string | undefined {
    return this.#stacks.get(`${region} ${stack}`)?.status;
  }

  /** `cdk deploy --all`. @throws DeployError at the first stack that fails */
  deploy(assemblyDir: string, region = "us-east-1"): void {
    const { artifacts } = JSON.parse(readFileSync(join(assemblyDir, "manifest.json"), "utf8")) as {
      artifacts: Manifest;
    };
    for (const [name, { type, properties }] of Object.entries(artifacts)) {
      if (type !== "aws:cloudformation:stack" || properties?.templateFile === undefined) continue;
      const template = JSON.parse(readFileSync(join(assemblyDir, properties.templateFile), "utf8"));
      this.#deployStack(name, template, properties.terminationProtection ?? false, region);
    }
  }

  #deployStack(name: string, template: Template, isProtected: boolean, region: string): void {
    const id = `${region} ${name}`;
    // A stack whose create has failed is deleted first: nothing else can be done with it.
    if (this.#stacks.get(id)?.status === "ROLLBACK_COMPLETE") this.destroy(name, region);
    const before = this.#stacks.get(id);
    if (Object.keys(template.Resources ?? {}).length === 0)
      throw new DeployError(`${name}: stack has no resources, and gets no outputs`);
    const stack = before ?? { status: "REVIEW_IN_PROGRESS", isProtected, template: {}, made: new Map() };
    stack.isProtected = isProtected;
    this.#stacks.set(id, stack);
    try {
      stack.made = this.#carryOut(name, stack, template, region);
      stack.template = template;
      stack.status = before === undefined ? "CREATE_COMPLETE" : "UPDATE_COMPLETE";
    } catch (error) {
      stack.status = before === undefined ? "ROLLBACK_COMPLETE" : "UPDATE_ROLLBACK_COMPLETE";
      throw new DeployError(`${name} ${stack.status}: ${(error as Error).message}`);
    }
  }

  /** Creates and replaces, then takes away what is no longer wanted; or takes back what it had created. */
  #carryOut(name: string, stack: Stack, template: Template, region: string): Map<string, Made> {
    const after = new Map<string, Made>();
    const created: Made[] = [];
    try {
      for (const logicalId of inOrder(template.Resources ?? {})) {
        const made = this.#wanted(name, logicalId, template.Resources![logicalId]!, region, stack);
        const known = stack.made.get(logicalId);
        if (known?.key !== made.key) {
          if (this.#there.has(made.key))
            throw new DeployError(
              `Resource of type '${made.resource.Type}' with identifier '${made.name}' already exists.`,
            );
          this.#there.set(made.key, `${made.resource.Type} ${made.name}`);
          created.push(made);
        }
        after.set(logicalId, made);
      }
      this.#refuseExportsInUse(name, exportsOf(stack.template), exportsOf(template), region);
    } catch (error) {
      for (const made of created.reverse()) if (made.resource.DeletionPolicy !== "Retain") this.#delete(made);
      throw error;
    }
    for (const [logicalId, old] of stack.made) {
      const now = after.get(logicalId);
      if (now?.key === old.key) continue;
      const policy = now === undefined ? old.resource.DeletionPolicy : old.resource.UpdateReplacePolicy;
      if (policy === undefined || policy === "Delete") this.#delete(old);
    }
    return after;
  }

  #wanted(
    stackName: string,
    logicalId: string,
    resource: TemplateResource,
    region: string,
    stack: Stack,
  ): Made {
    const refer = (id: string) => stack.made.get(id)?.name ?? id;
    const { key, given } = namesOf(resource.Type, resource.Properties ?? {}, scopeOf(region, refer));
    if (key !== undefined) return { resource, key, name: given!, given };
    const known = stack.made.get(logicalId);
    if (known?.resource.Type === resource.Type && known.given === undefined) return { ...known, resource };
    const name = `${stackName}-${logicalId}-${String(++this.#generated).padStart(6, "0")}`;
    return { resource, key: `${region} ${resource.Type} ${name}`, name, given: undefined };
  }

  #delete({ key, name, resource }: Made): void {
    if (isProtectedTable(resource))
      throw new DeployError(`Resource cannot be deleted as it is currently protected: ${name}`);
    this.#there.delete(key);
  }

  #refuseExportsInUse(
    name: string,
    before: readonly string[],
    after: readonly string[],
    region: string,
  ): void {
    for (const gone of before.filter((one) => !after.includes(one)))
      for (const [id, other] of this.#stacks)
        if (id.startsWith(`${region} `) && id !== `${region} ${name}` && importsOf(other).includes(gone))
          throw new DeployError(`Cannot delete export ${gone} as it is in use by ${id.split(" ")[1]}.`);
  }

  /** `cdk destroy STACK`. @throws DeployError */
  destroy(name: string, region = "us-east-1"): void {
    const id = `${region} ${name}`;
    const stack = this.#stacks.get(id);
    if (stack === undefined) return;
    if (stack.isProtected)
      throw new DeployError(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`);
    this.#refuseExportsInUse(name, exportsOf(stack.template), [], region);
    for (const made of stack.made.values())
      if ((made.resource.DeletionPolicy ?? "Delete") === "Delete") this.#delete(made);
    this.#stacks.delete(id);
  }
}

const isProtectedTable = ({ Properties = {} }: TemplateResource): boolean =>
  [Properties, ...((Properties.Replicas ?? []) as Readonly<Record<string, unknown>>[])].some(
    ({ DeletionProtectionEnabled }) => DeletionProtectionEnabled === true,
  );

const exportsOf = ({ Outputs = {} }: Template): string[] =>
  Object.values(Outputs).flatMap(({ Export }) => (Export === undefined ? [] : [Export.Name]));

const importsOf = ({ template }: Stack): string[] =>
  [...JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name!);

/** Logical ids, each after what it depends on. */
function inOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered = new Set<string>();
  const visit = (id: string): void => {
    const resource = resources[id];
    if (resource === undefined || ordered.has(id)) return;
    const text = JSON.stringify(resource.Properties ?? {});
    const referred = [...text.matchAll(/"(?:Ref":|Fn::GetAtt":\[)"([^"]+)"/g)].map(([, name]) => name!);
    for (const before of [...referred, ...[resource.DependsOn ?? []].flat()])
      if (before !== id) visit(before);
    ordered.add(id);
  };
  for (const id of Object.keys(resources)) visit(id);
  return [...ordered];
}
