// Common parts of the strict readers. A request that a vendor would reject is rejected here with the vendor's status: this
// is how wrong translations are found.
import { createHmac } from 'node:crypto';

export class Refused extends Error {
  constructor(message, { status = 400, param = null } = {}) {
    super(message);
    this.status = status;
    this.param = param;
  }
}
export const need = (condition, message, param) => {
  if (!condition) throw new Refused(message, { param });
};
export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value) => typeof value === 'string';

export const object = (value, where) => (need(isObject(value), `${where}: an object was expected.`, where), value);
export const array = (value, where) => (need(Array.isArray(value), `${where}: an array was expected.`, where), value);
export const string = (value, where) => (need(isText(value) && value !== '', `${where}: a non-empty string was expected.`, where), value);
export const oneOf = (value, allowed, where) =>
  (need(allowed.includes(value), `Invalid value: ${JSON.stringify(value)} at ${where}. Supported values are: ${allowed.join(', ')}.`, where), value);
export const optional = (value, check) => {
  if (value !== undefined && value !== null) check(value);
};
export const number = (value, where) => need(Number.isFinite(value), `${where}: a number was expected.`, where);
export const whole = (value, least, where) => need(Number.isInteger(value) && value >= least, `${where}: an integer of at least ${least} was expected.`, where);
export const bool = (value, where) => need(typeof value === 'boolean', `${where}: a boolean was expected.`, where);

// Every vendor rejects unknown fields; this finds fields of another dialect.
export function onlyKeys(value, allowed, where) {
  for (const key of Object.keys(object(value, where))) {
    need(allowed.includes(key), `Unknown field "${key}" at ${where}: extra inputs are not permitted.`, where ? `${where}.${key}` : key);
  }
}

// JSON Schema's types, in lower case: Google's own notation is invalid elsewhere.
const types = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
export function schemaTypes(value, where) {
  if (!isObject(value)) return;
  optional(value.type, (type) => [type].flat().forEach((one) => oneOf(one, types, `${where}.type`)));
  for (const [key, inner] of Object.entries(value.properties ?? {})) schemaTypes(inner, `${where}.properties.${key}`);
  for (const list of ['anyOf', 'oneOf', 'allOf']) (value[list] ?? []).forEach((inner, i) => schemaTypes(inner, `${where}.${list}[${i}]`));
  schemaTypes(value.items, `${where}.items`);
}

export function schema(value, where) {
  object(value, where);
  schemaTypes(value, where);
  need(value.type === 'object', `${where}.type: a tool's schema must be of type "object", got ${JSON.stringify(value.type)}.`, `${where}.type`);
  optional(value.properties, (p) => object(p, `${where}.properties`));
}

export function json(text, where) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(`${where}: this is not valid JSON.`, { param: where });
  }
}

// Arguments as written by a model, which are returned in the history.
export function argumentsObject(text, where) {
  need(isText(text), `${where}: a string was expected.`, where);
  object(json(text, where), where);
}

// A one-line summary of an answer, unless it is scripted: { text, thinking, calls, usage, finish }.
export const finishOf = (answer) => answer.finish ?? (answer.calls.length > 0 ? 'tool_calls' : 'stop');
export const tokens = (answer) => ({ input: 1200, cached: 1000, output: 40, reasoning: 10, ...answer.usage });

// Opaque state of this server: it accepts only its own, unchanged state.
const mark = (wire, text) => createHmac('sha256', `scripted ${wire}`).update(text).digest('base64url').slice(0, 20);
export const sign = (wire, text) => Buffer.from(`${wire}|${mark(wire, text)}|${mark(wire, 'any')}`).toString('base64');
export function verify(wire, signature, text, where) {
  string(signature, where);
  const [from, own, any] = Buffer.from(signature, 'base64').toString().split('|');
  need(from === wire && any === mark(wire, 'any'), `${where}: Invalid signature.`, where);
  // Clients may omit the text (Anthropic's omitted thinking), but may not change it.
  need(!text || own === mark(wire, text), `${where}: Invalid signature: the text was modified.`, where);
}

// A mark of Hearth (src/wire/opaque.h) is for clients and Hearth only; it must never reach an upstream.
export const noSeal = (raw) => need(!raw.includes('hearth:1:'), 'A sealed signature ("hearth:1:...") reached an upstream.');
