// opencode, through the Vercel SDK's provider for each wire. It takes some seconds to start.
const quiet = Object.fromEntries(['AUTOUPDATE', 'MODELS_FETCH', 'LSP_DOWNLOAD', 'SHARE'].map((name) => [`OPENCODE_DISABLE_${name}`, '1']));
const through = (name, npm, path, model) => ({
  name, wire: name, model,
  start: ({ base, prompt }) => ({
    env: { ...quiet, OPENCODE_CONFIG_CONTENT: JSON.stringify({
      provider: { gateway: { npm, name: 'gateway', options: { baseURL: base + path, apiKey: 'sk-any' },
        models: { [model]: { name: model, reasoning: true, tool_call: true, limit: { context: 200_000, output: 32_000 } } } } } }) },
    args: ['run', '--pure', '--auto', '-m', `gateway/${model}`, prompt],
  }),
});

export default {
  name: 'opencode',
  licence: 'MIT',
  packages: { 'opencode-linux-x64': '1.18.33' },
  program: 'node_modules/opencode-linux-x64/bin/opencode',
  cases: [
    through('chat', '@ai-sdk/openai-compatible', '/v1', 'scripted-1'),
    through('anthropic', '@ai-sdk/anthropic', '/v1', 'claude-sonnet-4-5'),
    through('responses', '@ai-sdk/openai', '/v1', 'gpt-5.5'),
    through('gemini', '@ai-sdk/google', '/v1beta', 'gemini-3.8-flash'),
  ],
};
