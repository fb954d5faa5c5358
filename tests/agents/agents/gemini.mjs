// Gemini CLI. A fixed model skips its router; without one its first request is a small call with a JSON schema.
const settings = { security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, disableAutoUpdate: true }, telemetry: { enabled: false } };
const through = (name, models, args) => ({
  name, wire: 'gemini', models,
  start: ({ base, prompt }) => ({
    env: { GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: base },
    files: { '.gemini/settings.json': JSON.stringify(settings) },
    args: ['--skip-trust', '-y', ...args, '-p', prompt],
  }),
});

export default {
  name: 'gemini',
  licence: 'Apache-2.0',
  packages: { '@google/gemini-cli': '0.61.0' },
  program: 'node_modules/@google/gemini-cli/bundle/gemini.js',
  node: true,
  cases: [through('gemini', ['gemini-3.8-flash'], ['-m', 'gemini-3.8-flash']), through('gemini-router', ['gemini-3.5-flash-lite', 'gemini-3.8-flash'], [])],
};
