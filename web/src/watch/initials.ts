const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
const syllablesAnInitial = 21 * 28;
const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

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
