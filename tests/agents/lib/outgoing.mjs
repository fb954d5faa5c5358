// Sends the scripted servers' responses in arbitrary pieces.

// About three pieces of a text, never inside a character.
export const pieces = (text) => {
  const characters = [...(text ?? '')], size = Math.ceil(characters.length / 3);
  return characters.length === 0 ? [] : [0, 1, 2].map((i) => characters.slice(i * size, (i + 1) * size).join('')).filter(Boolean);
};

// Slices without regard to event or character boundaries. The caller ends the response.
export async function sendSliced(response, text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length && !response.destroyed; at += 211) {
    response.write(bytes.subarray(at, at + 211));
    await new Promise((done) => setImmediate(done));
  }
}
