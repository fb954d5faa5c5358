// Codex CLI. Its tools depend on the model's name: an unknown one gets functions only, gpt-5.5 also apply_patch as a
// free-form tool, gpt-6.1-sol one tool that takes JavaScript, in an item of the input.
const config = (base, websockets) => `
model_provider = "gateway"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.gateway]
name = "gateway"
base_url = "${base}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
supports_websockets = ${websockets}
`;
const responses = (name, model, websockets = false) => ({
  name, wire: 'responses', model, websocket: websockets,
  start: ({ base, prompt }) => ({
    env: { GATEWAY_KEY: 'sk-any' },
    files: { '.codex/config.toml': config(base, websockets) },
    args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-m', model, prompt],
  }),
});

export default {
  name: 'codex',
  licence: 'Apache-2.0',
  // A version with a platform suffix is that platform's program.
  packages: { '@openai/codex': '0.169.0-linux-x64' },
  program: 'node_modules/@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex',
  cases: [
    responses('responses', 'scripted-1'),
    responses('responses-patch', 'gpt-5.5'),
    responses('responses-code', 'gpt-6.1-sol'),
    responses('responses-websocket', 'gpt-5.5', true),
  ],
};
