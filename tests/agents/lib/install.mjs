// Installs the clients, one folder each with exact versions, in a cache outside the tree (about 1.6 GB).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const cache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'hearth', 'agents');

// Two of them are among the other packages of the tests, pinned by a lock file: ./dev test needs no cache for them.
const pinned = (agent) => process.env.HEARTH_AGENTS && fs.existsSync(path.join(process.env.HEARTH_AGENTS, agent.program));

export const folderOf = (agent) => (pinned(agent) ? process.env.HEARTH_AGENTS : path.join(cache, agent.name));

// Returns an error message or nothing. Package scripts and optional packages (other platforms' programs) are disabled:
// everything that the agents need is listed in `packages`.
export function install(agent, print) {
  if (pinned(agent)) return undefined;
  const folder = folderOf(agent), stamp = path.join(folder, '.stamp');
  const wanted = JSON.stringify({ private: true, dependencies: agent.packages });
  const ready = fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted && fs.existsSync(path.join(folder, agent.program));
  if (ready) return undefined;
  print(`installing ${Object.entries(agent.packages).map(([name, version]) => `${name}@${version}`).join(' ')} ...`);
  const begun = Date.now();
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), wanted);
  const npm = spawnSync('npm', ['install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error'],
    { cwd: folder, encoding: 'utf8', timeout: 600_000, env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` } });
  if (npm.status !== 0) return `npm install failed: ${(npm.stderr || npm.error?.message || 'no output').trim().slice(-600)}`;
  if (!fs.existsSync(path.join(folder, agent.program))) return `the package has no ${agent.program}`;
  fs.writeFileSync(stamp, wanted);
  const size = spawnSync('du', ['-sm', folder], { encoding: 'utf8' }).stdout.split('\t')[0];
  print(`installed ${agent.name}: ${size} MB in ${Math.round((Date.now() - begun) / 1000)} s`);
  return undefined;
}
