// The task of every agent, and the check of its result. Exit codes are not trusted.
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const draft = 'status: draft';
// Quotes, a backslash, a tag and characters of two, three and four bytes: they reveal double escaping and wrong
// splits.
export const final = 'status: final "as said" \\ <b> ü ✓ 🌱';
export const command = 'sh check.sh';
export const folderOf = (text) => /Work in the folder (\S+)/.exec(text)?.[1];
export const tokenOf = (text) => /token: ([A-Z]{4}-\d{6})/.exec(text)?.[1];

const letters = () => Array.from({ length: 4 }, () => String.fromCharCode(65 + randomInt(26))).join('');

export function makeTask(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const token = `${letters()}-${randomInt(100_000, 1_000_000)}`;
  const notes = (status) => `title: the lighthouse\ntoken: ${token}\n${status}\nend of notes\n`;
  const at = (name) => path.join(folder, name);
  fs.writeFileSync(at('notes.txt'), notes(draft));
  // ran.txt records the status of notes.txt at that moment, so that the order of the steps is checked too.
  fs.writeFileSync(at('check.sh'), 'grep status notes.txt > ran.txt\necho "the check has run"\n');
  const prompt = `Work in the folder ${folder} (it is the current directory). Read notes.txt, change its status from draft to final, `
    + `run "${command}", then close with the words "All done: " and the token that stands in notes.txt.`;
  const read = (name) => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), 'utf8') : undefined);
  // Returns the faults as messages; an empty list is a pass.
  function faults(output) {
    const found = [];
    if (read('notes.txt')?.trimEnd() !== notes(final).trimEnd()) found.push(`notes.txt is ${JSON.stringify(read('notes.txt'))}`);
    if (read('ran.txt')?.trimEnd() !== final) found.push(`ran.txt is ${JSON.stringify(read('ran.txt'))}`);
    // Removes terminal colours.
    const plain = output.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
    if (!plain.includes(`All done: ${token}`)) found.push(`the final words with ${token} were not printed`);
    return found;
  }
  return { folder, token, prompt, faults };
}
