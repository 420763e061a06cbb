// A face for everyone: initials, and a colour that the name always gives.

export const HUES = 10;

export function hue_of(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name.toLowerCase()) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash % HUES;
}

const segmenter = new Intl.Segmenter();

export function initials_of(name: string): string {
  const words = name.split(/[\s_\-.]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word: string | undefined): string =>
    word === undefined ? "" : (segmenter.segment(word)[Symbol.iterator]().next().value?.segment ?? "");
  const last = words.length > 1 ? first(words.at(-1)) : "";
  return (first(words[0] ?? name) + last).toUpperCase();
}
