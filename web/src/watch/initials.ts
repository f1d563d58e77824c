const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;
const syllablesPerInitial = 21 * 28;
const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

/** Consonant clusters, which Korean keyboards form from two consecutive consonants. No syllable begins with one. */
const clusters: Readonly<Record<string, string>> = {
  ㄳ: "ㄱㅅ",
  ㄵ: "ㄴㅈ",
  ㄶ: "ㄴㅎ",
  ㄺ: "ㄹㄱ",
  ㄻ: "ㄹㅁ",
  ㄼ: "ㄹㅂ",
  ㄽ: "ㄹㅅ",
  ㄾ: "ㄹㅌ",
  ㄿ: "ㄹㅍ",
  ㅀ: "ㄹㅎ",
  ㅄ: "ㅂㅅ",
};

/** Splits consonant clusters into the typed consonants. */
export function splitClusters(text: string): string {
  return text.replaceAll(/[ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]/g, (letter) => clusters[letter]!);
}

/** The initial consonants of a Korean text (초성): ㅅㅅㅈㅈ for 삼성전자. */
export function initialsOf(text: string): string {
  return Array.from(text, (letter) => {
    const code = letter.codePointAt(0)!;
    return code >= firstSyllable && code <= lastSyllable ? initials[Math.floor((code - firstSyllable) / syllablesPerInitial)]! : letter;
  }).join("");
}

/** Whether a text consists only of initial consonants. */
export function areInitials(text: string): boolean {
  return text.length > 0 && Array.from(text).every((letter) => initials.includes(letter));
}
