// Two bodies mean the same: the written rules, and the comparison. A rule says what is made alike on both sides before
// they are compared; there are at most fifteen.
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

// 1. Ids, times and names of what made the answer say nothing of the conversation.
const kNames = new Set(['id', 'created', 'created_at', 'system_fingerprint', 'sequence_number', 'item_id', 'responseId', 'completed_at']);

function strip(value) {
  if (Array.isArray(value)) return value.map(strip);
  if (!isObject(value)) return value;
  const out = {};
  for (const [key, inner] of Object.entries(value)) {
    if (kNames.has(key)) continue;
    if (inner === null) continue; // 2. null is as good as absent
    out[key] = strip(inner);
  }
  return out;
}

export function normalise(value) {
  return strip(value);
}

export function differences(want, got, where = '') {
  if (JSON.stringify(want) === JSON.stringify(got)) return [];
  if (Array.isArray(want) && Array.isArray(got)) {
    const out = want.length === got.length ? [] : [`${where}: ${want.length} elements expected, ${got.length} found`];
    for (let i = 0; i < Math.min(want.length, got.length); i += 1) out.push(...differences(want[i], got[i], `${where}[${i}]`));
    return out;
  }
  if (isObject(want) && isObject(got)) {
    const keys = new Set([...Object.keys(want), ...Object.keys(got)]);
    return [...keys].flatMap((key) => differences(want[key], got[key], where ? `${where}.${key}` : key));
  }
  const show = (v) => (v === undefined ? 'nothing' : JSON.stringify(v)?.slice(0, 160));
  return [`${where}: expected ${show(want)}, found ${show(got)}`];
}
