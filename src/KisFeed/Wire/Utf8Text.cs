using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace KisFeed.Wire;

internal static class Utf8Text
{
    /// <summary>The offset of the first invalid UTF-8 sequence, or -1 if all of the text is valid.</summary>
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

/// <summary>Compares UTF-8 texts, so that dictionaries can be searched with a slice of a frame.</summary>
internal sealed class Utf8KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static Utf8KeyComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.AsSpan().SequenceEqual(y));

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = default(HashCode);
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}

/// <summary>Compares TR IDs without regard to case: all are in capitals, but some frames and answers are not.</summary>
internal sealed class TrIdComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    // The bit that distinguishes small letters from capitals. Digits have it.
    private const byte SmallLetter = 0x20;

    public static TrIdComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Ascii.EqualsIgnoreCase(x, y));

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => Ascii.EqualsIgnoreCase(alternate, other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = (uint)alternate.Length;
        foreach (var letter in alternate)
            hash = (hash * 31) + (uint)(letter | SmallLetter);
        return (int)hash;
    }

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
