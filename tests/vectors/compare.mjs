// Streams as lists of events, the comparison, and the form in which expectations are written.
import fs from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

// These dialects' events bear their type twice, as the name of the event and in its data; clients go by either, so both
// are demanded here and the expectation tells it once. The other dialects' events have no names.
const named = new Set(['anthropic', 'responses']);

export function parseEvents(raw, dialect) {
  if (dialect === 'ollama') return raw.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const text = raw.replaceAll('\r\n', '\n');  // Gemini ends its lines so
  if (text && !text.endsWith('\n\n')) throw new Error('the last event is not ended by an empty line');
  return text.split('\n\n').filter(Boolean).map((block) => {
    const fields = { event: [], data: [] };
    for (const line of block.split('\n')) {
      const [, key, value] = /^(event|data): (.*)$/.exec(line) ?? [];
      if (!key) throw new Error(`no line of an event: ${line}`);
      fields[key].push(value);
    }
    const data = fields.data.join('\n') === '[DONE]' ? '[DONE]' : JSON.parse(fields.data.join('\n'));
    if (fields.event.join() !== (named.has(dialect) ? data.type : ''))
      throw new Error(`an event of ${dialect} is named "${fields.event}": ${fields.data}`);
    return data;
  });
}

const show = (value) => (value === undefined ? 'nothing' : JSON.stringify(value)?.slice(0, 200));

// Exact, but for the order of an object's members.
export function differences(want, got, where = '') {
  if (Array.isArray(want) && Array.isArray(got)) {
    const out = want.length === got.length ? [] : [`${where}: ${want.length} elements expected, ${got.length} found`];
    for (let i = 0; i < Math.max(want.length, got.length); i += 1) out.push(...differences(want[i], got[i], `${where}[${i}]`));
    return out;
  }
  if (isObject(want) && isObject(got)) {
    const keys = new Set([...Object.keys(want), ...Object.keys(got)]);
    return [...keys].flatMap((key) => differences(want[key], got[key], where ? `${where}.${key}` : key));
  }
  return Object.is(want, got) ? [] : [`${where}: expected ${show(want)}, found ${show(got)}`];
}

// Members that stand in every answer of a dialect and say nothing of the vector, by name in shared.json. An object that
// has all of a group, with these values, is written with "=": NAME in their place; one that differs is written in full.
const groups = Object.entries(JSON.parse(fs.readFileSync(new URL('shared.json', import.meta.url), 'utf8')));

export function collapse(value) {
  if (Array.isArray(value)) return value.map(collapse);
  if (!isObject(value)) return value;
  const found = groups.find(([, group]) => Object.entries(group).every(([key, want]) => isDeepStrictEqual(value[key], want)));
  const [name, group] = found ?? ['', {}];
  const kept = Object.entries(value).filter(([key]) => !(key in group)).map(([key, inner]) => [key, collapse(inner)]);
  return Object.fromEntries(found ? [['=', name], ...kept] : kept);
}

const width = 180;

// JSON for reading: what fits stands on one line, so an event or a message is a line and a diff shows which.
export function print(value, indent = '', lead = 0) {
  const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
  if (indent.length + lead + flat.length <= width || typeof value !== 'object' || value === null) return flat;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((inner) => deeper + print(inner, deeper)).join(',\n')}\n${indent}]`;
  const members = Object.entries(value).map(([key, inner]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${deeper}${name}${print(inner, deeper, name.length)}`;
  });
  return `{\n${members.join(',\n')}\n${indent}}`;
}
