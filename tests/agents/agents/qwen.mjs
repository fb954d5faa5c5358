// Qwen Code. After its answer it sends a second, full request of its own (memory).
const through = (wire, type, model, env) => ({
  name: wire, wire, model,
  start: ({ base, prompt }) => ({
    env: env(base, model),
    files: { '.qwen/settings.json': JSON.stringify({ privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false },
      telemetry: { enabled: false } }) },
    args: ['-y', '--auth-type', type, '-p', prompt],
  }),
});

export default {
  name: 'qwen',
  licence: 'Apache-2.0',
  packages: { '@qwen-code/qwen-code': '0.24.4' },
  program: 'node_modules/@qwen-code/qwen-code/cli-entry.js',
  node: true,
  cases: [
    through('chat', 'openai', 'scripted-1', (base, model) => ({ OPENAI_API_KEY: 'sk-any', OPENAI_BASE_URL: `${base}/v1`, OPENAI_MODEL: model })),
    through('anthropic', 'anthropic', 'claude-sonnet-4-5', (base, model) => ({ ANTHROPIC_API_KEY: 'sk-any', ANTHROPIC_BASE_URL: base, ANTHROPIC_MODEL: model })),
    through('gemini', 'gemini', 'gemini-3.8-flash', (base, model) => ({ GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: base, GEMINI_MODEL: model })),
  ],
};
