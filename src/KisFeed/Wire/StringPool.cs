using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace KisFeed.Wire;

/// <summary>
/// Converts field texts to strings and reuses the string of a recently seen text, so that the codes and names in every tick are allocated
/// once. Bounded: a fixed number of entries, each of which keeps its latest text.
/// </summary>
/// <remarks>Thread-safe: entries are immutable and are replaced as a whole.</remarks>
public sealed class StringPool
{
    private const int EntryCount = 2048;
    private const int MaxPooledLength = 128;
    private const int EndsLength = 2 * sizeof(ulong);
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Entry?[] _entries = new Entry?[EntryCount];

    /// <summary>Gets the text as a string. Returns <see langword="false"/> if it is not valid UTF-8.</summary>
    public bool TryGet(ReadOnlySpan<byte> utf8, out string text)
    {
        if (utf8.IsEmpty)
        {
            text = "";
            return true;
        }

        if (utf8.Length > MaxPooledLength)
            return TryDecode(utf8, out text);

        var (first, last) = Ends(utf8);
        ref var slot = ref _entries[Hash(first, last, utf8.Length) % EntryCount];
        var entry = slot;
        if (entry is not null
            && entry.First == first
            && entry.Last == last
            && entry.Utf8.Length == utf8.Length
            && (utf8.Length <= EndsLength || utf8.SequenceEqual(entry.Utf8)))
        {
            text = entry.Text;
            return true;
        }

        if (!TryDecode(utf8, out text))
            return false;
        slot = new Entry(first, last, utf8.ToArray(), text);
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> utf8, out string text)
    {
        var valid = Utf8.IsValid(utf8);
        text = valid ? Encoding.UTF8.GetString(utf8) : "";
        return valid;
    }

    // The first and the last bytes of a text. Up to a length of 16 they contain every byte.
    private static (ulong First, ulong Last) Ends(ReadOnlySpan<byte> utf8) => utf8.Length switch
    {
        >= sizeof(ulong) => (MemoryMarshal.Read<ulong>(utf8), MemoryMarshal.Read<ulong>(utf8[^sizeof(ulong)..])),
        >= sizeof(uint) => (MemoryMarshal.Read<uint>(utf8), MemoryMarshal.Read<uint>(utf8[^sizeof(uint)..])),
        _ => (utf8[0], (ulong)utf8[utf8.Length / 2] | ((ulong)utf8[^1] << 8)),
    };

    // Both ends and the length distinguish the texts of a feed; a collision only costs an allocation.
    private static uint Hash(ulong first, ulong last, int length) =>
        (uint)((((first * Multiplier) ^ last ^ (ulong)length) * Multiplier) >> 32);

    private sealed record Entry(ulong First, ulong Last, byte[] Utf8, string Text);
}
