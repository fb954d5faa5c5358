// Runs one agent once, headless, in a temporary home and folder.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { folderOf } from './install.mjs';

// Without the user's keys, configuration and terminal.
const environment = (home) => ({
  PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, HOME: home, USERPROFILE: home, LANG: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1', SHELL: '/bin/sh',
  TMPDIR: path.join(home, 'tmp'), XDG_CONFIG_HOME: path.join(home, '.config'), XDG_DATA_HOME: path.join(home, '.local/share'),
  XDG_CACHE_HOME: path.join(home, '.cache'), XDG_STATE_HOME: path.join(home, '.local/state'), DO_NOT_TRACK: '1',
  // External requests of an agent (packages, updates, telemetry) fail at once instead of taking time or leaving the machine.
  npm_config_offline: 'true', HTTPS_PROXY: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost',
});

// The whole process group, since agents leave helpers running.
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch { /* it has ended by itself */ }
}

function runProgram(command, args, { cwd, env, timeout }) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const result = { stdout: '', stderr: '', code: null, late: false };
    child.stdout.on('data', (piece) => { result.stdout += piece; });
    child.stderr.on('data', (piece) => { result.stderr += piece; });
    const onExit = () => end(child);
    process.once('exit', onExit);
    const timer = setTimeout(() => {
      result.late = true;
      end(child);
    }, timeout);
    const close = (code) => {
      clearTimeout(timer);
      process.removeListener('exit', onExit);
      end(child);
      done(Object.assign(result, { code }));
    };
    child.on('error', (error) => {
      result.stderr += error.message;
      close(null);
    });
    // Not `close`: a helper that keeps the pipes open must not keep the test waiting.
    child.on('exit', (code) => setTimeout(close, 100, code));
  });
}

// A case's start() gets the address, its home, the task's folder and prompt, its model, and `kept`: a folder that is kept
// between runs, for files that an agent unpacks. Resolves to { stdout, stderr, code, late }.
export async function runAgent(agent, one, { base, home, task, timeout }) {
  const plan = one.start({ base, home, folder: task.folder, prompt: task.prompt, model: one.model, kept: path.join(folderOf(agent), 'kept') });
  fs.mkdirSync(path.join(home, 'tmp'), { recursive: true });
  for (const [name, text] of Object.entries(plan.files ?? {})) {
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    fs.writeFileSync(path.join(home, name), text);
  }
  const program = path.join(folderOf(agent), agent.program);
  const [command, first] = agent.node ? [process.execPath, [program]] : [program, []];
  const options = { cwd: task.folder, env: { ...environment(home), ...plan.env }, timeout };
  for (const args of plan.before ?? []) {
    const before = await runProgram(command, [...first, ...args], options);
    if (before.code !== 0) return before;
  }
  return runProgram(command, [...first, ...plan.args], options);
}
