using System.Buffers;

namespace KisFeed.Wire;

/// <summary>Sets of bytes that the wire format gives a meaning.</summary>
internal static class WireCharacters
{
    public static SearchValues<byte> LettersAndDigits { get; } = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static SearchValues<char> LetterAndDigitCharacters { get; } = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Control characters that no text of the broker holds; tabs and line breaks are let pass.</summary>
    public static SearchValues<byte> Controls { get; } = SearchValues.Create("\0\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"u8);
}
