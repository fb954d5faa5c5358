// Arguments for an unknown tool, derived from its JSON schema and the names of its properties.
const meanings = [
  [/^(file_?path|path|absolute_?path|target_?file|file_?name|file)$/i, 'path'],
  [/^(old_?(string|str|text)|search)$/i, 'old'],
  [/^(new_?(string|str|text)|replace)$/i, 'new'],
  [/^(commands?|cmd|script)$/i, 'command'],
  [/^(patch|patch_?text|input|diff)$/i, 'patch'],
];
// Lists that contain the value: {files: [{path}]}, {edits: [{old_text, new_text}]}.
const lists = /^(files|paths|file_paths|edits|replacements|changes)$/i;
// Gemini writes types in upper case.
const types = (schema) => [schema.type ?? []].flat().map((type) => type.toLowerCase());

// A minimal valid value of a schema.
export function sample(schema = {}) {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum?.length) return schema.enum[0];
  const inner = schema.anyOf ?? schema.oneOf;
  if (inner?.length) return sample(inner[0]);
  const type = types(schema)[0] ?? (schema.properties ? 'object' : 'string');
  switch (type) {
    case 'object':
      return Object.fromEntries((schema.required ?? []).map((key) => [key, sample(schema.properties?.[key])]));
    case 'array': return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items));
    case 'number': case 'integer': return schema.minimum ?? 1;
    case 'boolean': return false;
    case 'null': return null;
    default: return 'a step of the task';
  }
}

const asCommand = (schema, text) => {
  if (!types(schema).includes('array')) return text;
  const item = schema.items ?? {};
  if (item.properties) return [fill(item, { command: text })];
  // An argument vector (older Codex) or a list of command lines (Cline), according to the description.
  return /argv|execvp|arguments? (vector|array)/i.test(`${schema.description} ${item.description}`) ? ['sh', '-c', text] : [text];
};

function valueOf(key, schema, purpose) {
  if (key === 'command' && schema.enum) return schema.enum.includes(purpose.mode) ? purpose.mode : undefined;
  const union = schema.anyOf ?? schema.oneOf;
  const meant = meanings.find(([pattern, name]) => pattern.test(key) && purpose[name] !== undefined);
  if (union && (meant || lists.test(key))) return valueOf(key, union.find((s) => types(s).includes('array')) ?? union[0], purpose);
  if (meant) return meant[1] === 'command' ? asCommand(schema, purpose.command) : purpose[meant[1]];
  if (lists.test(key) && types(schema).includes('array')) {
    const item = schema.items ?? {};
    if (item.properties || item.anyOf) return [fill(item.anyOf?.find((s) => s.properties) ?? item, purpose)];
    return purpose.path ? [purpose.path] : undefined;
  }
  return undefined;
}

export function fill(schema, purpose) {
  const properties = schema?.properties ?? {};
  const required = schema?.required ?? [];
  const filled = {};
  for (const [key, inner] of Object.entries(properties)) {
    const value = valueOf(key, inner, purpose);
    if (value !== undefined) filled[key] = value;
    else if (required.includes(key)) filled[key] = /^(cwd|work_?dir|working_directory|dir_path|directory)$/i.test(key) ? purpose.folder : sample(inner);
  }
  return filled;
}
