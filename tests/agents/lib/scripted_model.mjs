// The scripted model, independent of the wire: from a conversation's tools and history it decides the next step of the task
// (task.mjs): read notes.txt, edit it, run the check, report the token. Each step is one call of the agent's own tool,
// chosen by name and filled in by schema. It is stateless: completed steps are read from the conversation, so that a history
// lost in translation makes the task fail.
//
// conversation: { users: [text], answers: [assistant texts], calls: [{ tool, text, result }], tools: [{ name, description,
//   schema, custom }], answerSchema }. text: a call's arguments or input as one string.
import { command, draft, final, folderOf, tokenOf } from './task.mjs';
import { fill, sample } from './arguments.mjs';

const reads = [/^read_?files?$/i, /^read$/i, /^view$/i, /^open_file$/i];
const edits = [/^edit$/i, /^str_?replace/i, /^replace$/i, /^edit_file$/i, /^(multi|single_find_and_replace)_?edit$/i, /^single_find_and_replace$/i,
  /^replace_in_file$/i, /^editor$/i, /^apply_patch$/i];
const shells = [/^bash$/i, /^exec_command$/i, /^shell$/i, /^shell_command$/i, /^run_shell_command$/i, /^run_?terminal_?command$/i, /^run_commands?$/i,
  /^execute_command$/i, /^terminal$/i];

// A gateway may flatten a namespace into the name ("namespace__name"); some clients have dots.
const own = (name) => name.split(/__|\./).at(-1);

function pick(tools, names) {
  for (const name of names) {
    const found = tools.find((tool) => name.test(own(tool.name)));
    if (found) return found;
  }
  return undefined;
}

const patch = () => `*** Begin Patch\n*** Update File: notes.txt\n@@\n-${draft}\n+${final}\n*** End Patch`;
// In single quotes for sh; sed needs a doubled backslash.
const sed = () => `sed -i 's/${draft}/${final.replaceAll('\\', '\\\\')}/' notes.txt`;

// Codex' code mode: one tool that takes JavaScript, in which the other tools are functions.
function script(tool, step) {
  const does = { read: `tools.exec_command({ cmd: "cat notes.txt" })`, edit: `tools.apply_patch(${JSON.stringify(patch())})`,
    run: `tools.exec_command({ cmd: ${JSON.stringify(command)} })` };
  const source = `const result = await ${does[step]};\ntext(typeof result === "string" ? result : JSON.stringify(result));\n`;
  return tool.custom ? { tool, input: source } : { tool, arguments: JSON.stringify({ input: source }) };
}

function callOf(tool, purpose, folder) {
  if (purpose.patch !== undefined && tool.custom) return { tool, input: purpose.patch };
  return { tool, arguments: JSON.stringify(fill(tool.schema, { ...purpose, folder })) };
}

function step(name, tools, folder) {
  const read = pick(tools, reads), edit = pick(tools, edits), shell = pick(tools, shells);
  if (!shell) {
    const code = tools.find((tool) => own(tool.name) === 'exec');
    return code && script(code, name);
  }
  const file = `${folder}/notes.txt`;
  if (name === 'read') return read ? callOf(read, { path: file, mode: 'view' }, folder) : callOf(shell, { command: 'cat notes.txt' }, folder);
  if (name === 'run') return callOf(shell, { command }, folder);
  if (!edit) return callOf(shell, { command: sed() }, folder);
  return callOf(edit, { path: file, old: draft, new: final, patch: patch(), mode: 'str_replace' }, folder);
}

// The step of an earlier call. These words contain no JSON escapes or quotes.
const stepOf = (call) => {
  if (call.text.includes('check.sh')) return 'run';
  if (call.text.includes('status: final')) return 'edit';
  return call.text.includes('notes.txt') ? 'read' : 'other';
};

export function decide(conversation) {
  const { users, answers, calls, tools, answerSchema } = conversation;
  if (answerSchema) return { text: JSON.stringify(sample(answerSchema)) };
  const folder = users.map(folderOf).find(Boolean);
  const finished = answers.some((text) => text.includes('All done:'));
  // Titles, summaries, memories: requests beside the task.
  if (!folder || finished) return { text: 'A short answer: the lighthouse notes.' };
  if (tools.length === 0) return { text: 'There are no tools, so I can only answer with text.' };
  const done = new Set(calls.map(stepOf));
  for (const name of ['read', 'edit', 'run']) {
    if (done.has(name)) continue;
    const call = step(name, tools, folder);
    if (!call) return { text: `Among these tools none fits: ${tools.map((tool) => tool.name).join(', ')}` };
    return { thinking: `Step ${name}: I use ${call.tool.name}.`, text: name === 'read' ? 'I begin with the notes.' : '', call };
  }
  const token = tokenOf(calls.find((call) => stepOf(call) === 'read').result ?? '');
  return { thinking: 'Everything has been done.', text: token ? `All done: ${token}` : 'No token came back from the file.' };
}
