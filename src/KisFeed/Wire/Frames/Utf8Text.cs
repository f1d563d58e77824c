using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>Looks whether a text is what the wire's texts should be: UTF-8.</summary>
internal static class Utf8Text
{
    /// <summary>Where the first sequence begins that is not valid UTF-8; -1 where all of it is.</summary>
    public static int IndexOfInvalid(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return -1;
        var position = 0;
        while (Rune.DecodeFromUtf8(text[position..], out _, out var length) == OperationStatus.Done)
            position += length;
        return position;
    }
}
