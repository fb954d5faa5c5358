// Continue's CLI. Its openai provider uses /v1/responses for models named gpt-5, else chat completions.
const yaml = (provider, model, apiBase) => `name: test
version: 0.0.1
schema: v1
models:
  - name: ${model}
    provider: ${provider}
    model: ${model}
    apiBase: ${apiBase}
    apiKey: sk-any
    roles: [chat, edit, apply]
    capabilities: [tool_use]
`;
const through = (wire, provider, model) => ({
  name: wire, wire, model,
  start: ({ base, home, prompt }) => ({
    env: { CONTINUE_TELEMETRY_ENABLED: '0', CONTINUE_GLOBAL_DIR: `${home}/.continue` },
    files: { 'config.yaml': yaml(provider, model, `${base}/v1`) },
    args: ['--config', `${home}/config.yaml`, '-p', '--auto', prompt],
  }),
});

export default {
  name: 'continue',
  licence: 'Apache-2.0',
  packages: { '@continuedev/cli': '1.5.47' },
  program: 'node_modules/@continuedev/cli/dist/cn.js',
  node: true,
  cases: [through('chat', 'openai', 'scripted-1'), through('responses', 'openai', 'gpt-5'), through('anthropic', 'anthropic', 'claude-sonnet-4-5')],
};
