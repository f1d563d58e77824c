using System.Buffers;
using System.Text;

namespace KisFeed.Gateway;

/// <summary>Korean text as people type it to find a name: whole syllables, or their initial consonants alone (초성).</summary>
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

    // What a Korean keyboard makes of two consonants in a row. No syllable begins with one of these.
    private const string Joined = "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ";
    private static readonly SearchValues<char> s_initials = SearchValues.Create(Initials);
    private static readonly SearchValues<char> s_joined = SearchValues.Create(Joined);
    private static readonly string[] s_apart = ["ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ"];

    /// <summary>Puts syllables together that came as letters, as macOS has file names. <see cref="string.Normalize()"/> does not where .NET runs without ICU.</summary>
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

    /// <summary>Takes joined consonants apart, as they were typed.</summary>
    public static string Apart(string text)
    {
        if (text.AsSpan().IndexOfAny(s_joined) < 0)
            return text;
        var apart = new StringBuilder();
        foreach (var letter in text)
        {
            if (Joined.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var i)
                apart.Append(s_apart[i]);
            else
                apart.Append(letter);
        }

        return apart.ToString();
    }

    /// <summary>The initial consonants of a Korean text: 삼성전자 is ㅅㅅㅈㅈ. Other letters stay.</summary>
    public static string InitialsOf(string text) =>
        string.Create(text.Length, text, static (room, text) =>
        {
            for (var i = 0; i < room.Length; i++)
                room[i] = IsSyllable(text[i]) ? Initials[(text[i] - FirstSyllable) / (Vowels * Tails)] : text[i];
        });

    /// <summary>Whether a text is made of initial consonants alone.</summary>
    public static bool AreInitials(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_initials);

    private static bool IsSyllable(char letter) => letter is >= FirstSyllable and <= LastSyllable;
}
