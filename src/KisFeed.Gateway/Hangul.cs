using System.Buffers;
using System.Text;

namespace KisFeed.Gateway;

/// <summary>Korean search text: whole syllables, or only their initial consonants (초성).</summary>
internal static class Hangul
{
    private const char FirstSyllable = '가';
    private const char LastSyllable = '힣';
    private const char FirstLead = '\u1100';
    private const char FirstVowel = '\u1161';
    private const char BeforeFirstTail = '\u11A7';
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;
    private const string Initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";

    // A Korean keyboard combines two consecutive consonants into one of these. No syllable begins with one of them.
    private const string Joined = "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ";
    private static readonly SearchValues<char> s_initials = SearchValues.Create(Initials);
    private static readonly SearchValues<char> s_joined = SearchValues.Create(Joined);
    private static readonly string[] s_apart = ["ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ"];

    /// <summary>
    /// Composes syllables from letters, e.g. of file names on macOS. <see cref="string.Normalize()"/> does
    /// not do this if .NET runs without ICU.
    /// </summary>
    public static string Compose(string text)
    {
        var composed = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            var last = composed.Length > 0 ? composed[^1] : '\0';
            if (letter - FirstVowel is >= 0 and < Vowels && last - FirstLead is >= 0 and < Leads)
                composed[^1] = (char)(FirstSyllable + ((((last - FirstLead) * Vowels) + (letter - FirstVowel)) * Tails));
            else if (letter - BeforeFirstTail is > 0 and < Tails && IsSyllable(last) && (last - FirstSyllable) % Tails == 0)
                composed[^1] = (char)(last + (letter - BeforeFirstTail));
            else
                composed.Append(letter);
        }

        return composed.ToString();
    }

    /// <summary>Splits combined consonants into the consonants that were typed.</summary>
    public static string SplitConsonants(string text)
    {
        if (text.AsSpan().IndexOfAny(s_joined) < 0)
            return text;
        var result = new StringBuilder();
        foreach (var letter in text)
        {
            if (Joined.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var i)
                result.Append(s_apart[i]);
            else
                result.Append(letter);
        }

        return result.ToString();
    }

    /// <summary>The initial consonants of a Korean text: 삼성전자 is ㅅㅅㅈㅈ. Other letters stay.</summary>
    public static string InitialsOf(string text) =>
        string.Create(text.Length, text, static (room, text) =>
        {
            for (var i = 0; i < room.Length; i++)
                room[i] = IsSyllable(text[i]) ? Initials[(text[i] - FirstSyllable) / (Vowels * Tails)] : text[i];
        });

    public static bool AreInitials(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_initials);

    private static bool IsSyllable(char letter) => letter is >= FirstSyllable and <= LastSyllable;
}
