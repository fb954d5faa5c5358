// GitHub's Copilot CLI with a custom provider; offline it needs no login. Proprietary: it may be run, not redistributed.
const through = (name, wire, model, settings) => ({
  name, wire, model, websocket: settings.COPILOT_PROVIDER_TRANSPORT === 'websockets',
  start: ({ base, prompt, kept }) => ({
    env: { COPILOT_OFFLINE: 'true', COPILOT_MODEL: model, COPILOT_PROVIDER_API_KEY: 'sk-any', COPILOT_AUTO_UPDATE: 'false',
      // It unpacks 235 MB there.
      XDG_CACHE_HOME: kept,
      COPILOT_PROVIDER_BASE_URL: wire === 'anthropic' ? base : `${base}/v1`, ...settings },
    args: ['--allow-all-tools', '--allow-all-paths', '-p', prompt],
  }),
});
const responses = { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'responses' };

export default {
  name: 'copilot',
  licence: 'proprietary',
  packages: { '@github/copilot-linux-x64': '1.0.102' },
  program: 'node_modules/@github/copilot-linux-x64/copilot',
  cases: [
    through('chat', 'chat', 'scripted-1', { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'completions' }),
    through('responses', 'responses', 'gpt-5.4', responses),
    through('responses-websocket', 'responses', 'gpt-5.4', { ...responses, COPILOT_PROVIDER_TRANSPORT: 'websockets' }),
    through('anthropic', 'anthropic', 'claude-sonnet-4.5', { COPILOT_PROVIDER_TYPE: 'anthropic' }),
  ],
};
