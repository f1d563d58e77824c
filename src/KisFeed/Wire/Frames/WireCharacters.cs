using System.Buffers;

namespace KisFeed.Wire;

/// <summary>Sets of bytes that the wire format gives a meaning.</summary>
internal static class WireCharacters
{
    public static SearchValues<byte> LettersAndDigits { get; } = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public static SearchValues<byte> FieldBreaks { get; } = SearchValues.Create("^\r\n"u8);
}
