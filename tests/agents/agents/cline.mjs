// Cline's CLI. Its provider must be configured by a separate command first.
const through = (wire, provider, model) => ({
  name: wire, wire, model,
  start: ({ base, home, prompt, folder }) => ({
    env: { CLINE_TELEMETRY_DISABLED: '1', TELEMETRY_DISABLED: '1', CLINE_NO_AUTO_UPDATE: '1' },
    before: [['auth', '-p', provider, '-k', 'sk-any', '-m', model, '-b', `${base}/v1`, '--data-dir', `${home}/data`]],
    args: ['--data-dir', `${home}/data`, '-P', provider, '-m', model, '-c', folder, '--auto-approve', 'true', prompt],
  }),
});

export default {
  name: 'cline',
  licence: 'Apache-2.0',
  packages: { '@cline/cli-linux-x64': '3.0.65' },
  program: 'node_modules/@cline/cli-linux-x64/bin/cline',
  cases: [through('chat', 'openai-compatible', 'scripted-1'), through('responses', 'openai-native', 'gpt-5.4')],
};
