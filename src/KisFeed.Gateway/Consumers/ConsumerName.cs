using System.Buffers;

namespace KisFeed.Gateway;

/// <summary>What a consumer may be called: it stands in commands, logs, metrics and addresses.</summary>
internal static class ConsumerName
{
    /// <summary>What <see cref="IsValid"/> asks for, for people.</summary>
    public const string Form = "1 to 64 letters, digits, hyphens, dots and underscores, of which the first is a letter or a digit";

    private const int MaxLength = 64;

    private static readonly SearchValues<char> s_characters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._");

    /// <summary>Two names that differ in their case alone are one.</summary>
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && !name.ContainsAnyExcept(s_characters);
}
