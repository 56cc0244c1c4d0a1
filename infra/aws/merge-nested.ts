/*
 * The templates of a synthesis as one, for readers of the whole stack such as tests and tools. CloudFormation
 * never gets it.
 */

export interface TemplateResource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes, looked into resource by resource.
  readonly Properties: any;
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, { readonly Description: string; readonly Value: unknown }>>;
}

/** A template, and what its references mean outside it. */
interface Scope {
  readonly template: Template;
  readonly parent?: { readonly scope: Scope; readonly parameters: Readonly<Record<string, unknown>> };
  /** By the id of the resource that is the nested stack. */
  readonly nested: ReadonlyMap<string, Scope>;
  /** From the ids of this template to those of the merged one. */
  readonly ids: Map<string, string>;
}

const NESTED = "AWS::CloudFormation::Stack";

/** The file, beside the root's, of a nested stack's template; undefined for any other resource. */
export const nestedTemplateFile = ({ Type, Metadata }: TemplateResource): string | undefined =>
  Type === NESTED ? Metadata?.["aws:asset:path"] : undefined;

/**
 * Puts the resources of all nested stacks beside those of the root, each reference as if they had always been
 * there. Ids stay as they are; one that is taken already gets the nested stack's before it. `read` reads a
 * file beside the root's.
 */
export const mergeNested = <Root extends Template>(root: Root, read: (file: string) => Template): Root => {
  const resources: Record<string, TemplateResource> = {};
  const scopes: Scope[] = [];
  const enter = (template: Template, name: string, parent?: Scope["parent"]): Scope => {
    const nested = new Map<string, Scope>();
    const scope: Scope = { template, parent, nested, ids: new Map() };
    scopes.push(scope);
    for (const [id, resource] of Object.entries(template.Resources)) {
      const file = nestedTemplateFile(resource);
      if (file) {
        const parameters = resource.Properties.Parameters ?? {};
        nested.set(id, enter(read(file), id, { scope, parameters }));
        continue;
      }
      const merged = id in resources ? `${name}${id}` : id;
      scope.ids.set(id, merged);
      resources[merged] = resource;
    }
    return scope;
  };
  const rootScope = enter(root, "");
  for (const scope of scopes) {
    for (const merged of scope.ids.values()) {
      resources[merged] = inMerged(resources[merged], scope) as TemplateResource;
    }
  }
  return { ...root, Resources: resources, Outputs: inMerged(root.Outputs, rootScope) };
};

/** A value of one template, in the words of the merged one. */
const inMerged = (value: unknown, scope: Scope): unknown => {
  if (Array.isArray(value)) return value.map((each) => inMerged(each, scope));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [[key = "", content] = []] = entries;
  if (entries.length === 1 && key === "Ref") return refTo(String(content), scope);
  if (entries.length === 1 && key === "Fn::GetAtt") return attributeOf(content as [string, string], scope);
  return Object.fromEntries(
    entries.map(([name, each]) => [
      name,
      name === "DependsOn" ? dependencies(each as string | string[], scope) : inMerged(each, scope),
    ]),
  );
};

const refTo = (id: string, { parent, ids }: Scope): unknown =>
  parent && id in parent.parameters
    ? inMerged(parent.parameters[id], parent.scope)
    : { Ref: ids.get(id) ?? id };

const attributeOf = ([id, attribute]: readonly [string, string], { nested, ids }: Scope): unknown => {
  const stack = nested.get(id);
  if (!stack) return { "Fn::GetAtt": [ids.get(id) ?? id, attribute] };
  const output = stack.template.Outputs?.[attribute.replace(/^Outputs\./, "")];
  if (!output) throw new Error(`the nested stack ${id} has no ${attribute}`);
  return inMerged(output.Value, stack);
};

/** Nested stacks that are waited for are left out: what they hold is referred to by itself. */
const dependencies = (on: string | string[], { ids }: Scope): string[] =>
  [on].flat().flatMap((id) => ids.get(id) ?? []);
