const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
const syllablesAnInitial = 21 * 28;
const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

/** What a Korean keyboard makes of two consonants in a row. No syllable begins with one of these. */
const joined: Readonly<Record<string, string>> = { ㄳ: "ㄱㅅ", ㄵ: "ㄴㅈ", ㄶ: "ㄴㅎ", ㄺ: "ㄹㄱ", ㄻ: "ㄹㅁ", ㄼ: "ㄹㅂ", ㄽ: "ㄹㅅ", ㄾ: "ㄹㅌ", ㄿ: "ㄹㅍ", ㅀ: "ㄹㅎ", ㅄ: "ㅂㅅ" };

/** Takes joined consonants apart, as they were typed. */
export function apart(text: string): string {
  return text.replaceAll(/[ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]/g, (letter) => joined[letter]!);
}

/** The initial consonants of a Korean text (초성), as people in Korea type them to find a name quickly: 삼성전자 is ㅅㅅㅈㅈ. */
export function initialsOf(text: string): string {
  return Array.from(text, (letter) => {
    const code = letter.codePointAt(0)!;
    return code >= firstSyllable && code <= lastSyllable ? initials[Math.floor((code - firstSyllable) / syllablesAnInitial)]! : letter;
  }).join("");
}

/** Whether a text is made of initial consonants alone. */
export function areInitials(text: string): boolean {
  return text.length > 0 && Array.from(text).every((letter) => initials.includes(letter));
}
