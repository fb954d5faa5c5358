// Claude Code. Proprietary: it may be run, not redistributed. The package's launcher needs an installation script, so only the
// platform's package is installed and its program started.
const env = ({ base, model }) => ({
  ANTHROPIC_BASE_URL: base, ANTHROPIC_API_KEY: 'sk-any', ANTHROPIC_MODEL: model, ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1', DISABLE_ERROR_REPORTING: '1', DISABLE_AUTOUPDATER: '1',
});
const anthropic = (name, model) => ({
  name, wire: 'anthropic', model,
  start: (place) => ({ env: env(place), args: ['-p', place.prompt, '--allowedTools', 'Read,Edit,Write,Bash'] }),
});

export default {
  name: 'claude',
  licence: 'proprietary',
  packages: { '@anthropic-ai/claude-code-linux-x64': '2.1.330' },
  program: 'node_modules/@anthropic-ai/claude-code-linux-x64/claude',
  cases: [
    anthropic('anthropic', 'claude-opus-5-5'),
    // The older version of its dialect: no system role among the messages, a budget for thinking.
    anthropic('anthropic-4.5', 'claude-sonnet-4-5'),
  ],
};
