// One offline Hearth with the built-in model for all SDKs' tests against it.
import { startHearth } from './processes.mjs';
import { until } from './runner.mjs';

let started;
export const offline = () => (started ??= startHearth({ args: ['--offline'] }));
export async function endOffline() {
  const hearth = await started;
  started = undefined;
  await hearth?.stop();
}

export const cities = ['Oslo', 'Rome'];
export const city = { type: 'object', properties: { city: { type: 'string', enum: cities } }, required: ['city'], additionalProperties: false };

// An aborted request stops the generation: the last ledger entry shows it.
export const cancelled = (hearth) => until('the generation to end', async () => {
  const [entry] = await hearth.ledger(1);
  return entry.status === 'cancelled' && entry;
}, 10_000);
