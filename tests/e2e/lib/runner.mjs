// A test is a name and an async function that throws on failure. Sequential, so that each test can use both cores.
import assert from 'node:assert/strict';

const cases = [];
export const test = (name, body, { timeout = 60_000 } = {}) => cases.push({ name, body, timeout });
export { assert };

const limited = (promise, ms) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

// Runs every test whose name contains `only`; resolves to { passed, failed }.
export async function runAll(only = '') {
  let passed = 0, failed = 0;
  for (const { name, body, timeout } of cases.filter((c) => c.name.includes(only))) {
    const start = performance.now();
    try {
      await limited(body(), timeout);
      passed += 1;
      console.log(`ok     ${name} (${Math.round(performance.now() - start)} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}\n${error.stack ?? error}`);
    }
  }
  return { passed, failed };
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Polls until `probe` returns a true value; fails with `what` after `ms`.
export async function until(what, probe, ms = 20_000) {
  const end = performance.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(20);
  }
}
