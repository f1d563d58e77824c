using System.Globalization;
using System.Text;

namespace KisFeed.RabbitMq.Format;

/// <summary>The streams among which keys are divided, by a hash of feed and key that never changes.</summary>
/// <param name="prefix">The beginning of the names of the streams.</param>
/// <param name="count">The number of streams, 1 to 64.</param>
internal sealed class Partitions(string prefix, int count)
{
    public const int MaxCount = 64;

    private const uint FnvOffset = 2_166_136_261;
    private const uint FnvPrime = 16_777_619;

    public int Count => count;

    /// <summary>The set of all partitions; bit n is partition n.</summary>
    public ulong All { get; } = count == MaxCount ? ulong.MaxValue : (1UL << count) - 1;

    /// <summary>
    /// The names of the streams. They have the number of streams, so that a reader with another number does not read the wrong stream.
    /// </summary>
    public IReadOnlyList<string> Names { get; } =
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}.{i}-of-{count}"))];

    /// <summary>The partition of a key.</summary>
    public int Of(string trId, string key) => Of(Encoding.UTF8.GetBytes(trId), Encoding.UTF8.GetBytes(key));

    /// <summary>The partition of a key: FNV-1a of the TR ID, a zero byte and the key, modulo the number of partitions.</summary>
    public int Of(ReadOnlySpan<byte> trId, ReadOnlySpan<byte> key)
    {
        var hash = Add(FnvOffset, trId);
        hash = Add(hash, [0]);
        return (int)(Add(hash, key) % (uint)count);
    }

    private static uint Add(uint hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            hash = (hash ^ b) * FnvPrime;
        return hash;
    }
}
