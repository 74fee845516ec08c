/**
 * Makes untrusted text safe to read: characters that change the writing direction or that are invisible are written as
 * their code. New lines and tabs stay, and so do the joiners inside emoji.
 */
const unseen =
  // eslint-disable-next-line no-control-regex -- it looks for control characters
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|(?<!\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d/gu;

export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(unseen, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}

const maxCharacters = 3000;

/**
 * Cuts a text to a readable length and writes out invisible characters. The layout of a million characters would block
 * the page.
 */
export function cutText(text: string): string {
  if (text.length <= maxCharacters) return visibleText(text);
  return `${visibleText(text.slice(0, maxCharacters))}… (${text.length} characters)`;
}
