using System.Text;
using KisFeed.Wire;

namespace KisFeed.Testing.Playing;

/// <summary>
/// Which subscriptions the records of a frame need, so that nobody misses one, and which of them there are or were.
/// Guarded by the lock of the script, except <see cref="Of"/>.
/// </summary>
internal sealed class FrameNeeds(FeedCatalog catalog)
{
    private readonly HashSet<FrameNeed> _met = [];

    /// <summary>
    /// The subscriptions that a frame needs: to each of its keys; if they cannot be told, to any of its feed, or to any at all.
    /// </summary>
    public IReadOnlyList<FrameNeed> Of(ReadOnlySpan<byte> bytes)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !catalog.TryGet(frame.TrId, out var feed))
            return [new FrameNeed(null, null)];
        if (feed.IsNotice
            || frame.IsEncrypted
            || Utf8Text.IndexOfInvalid(frame.Payload) >= 0
            || !new RecordReaderBuffer().TryRead(feed, frame, out var reader, out _))
        {
            return [new FrameNeed(feed.TrId, null)];
        }

        HashSet<FrameNeed> needs = [];
        while (reader.MoveNext())
            needs.Add(new FrameNeed(feed.TrId, Encoding.UTF8.GetString(feed.KeyOf(reader.Current))));
        return [.. needs];
    }

    /// <summary>There is a subscription.</summary>
    public void Meet(string trId, string key)
    {
        _met.Add(new FrameNeed(trId, key));
        _met.Add(new FrameNeed(trId, null));
        _met.Add(new FrameNeed(null, null));
    }

    public bool IsMet(FrameNeed need) => _met.Contains(need);
}

/// <summary>A subscription that a frame needs.</summary>
/// <param name="TrId">The TR ID; <see langword="null"/> for any.</param>
/// <param name="Key">The key; <see langword="null"/> for any.</param>
internal readonly record struct FrameNeed(string? TrId, string? Key)
{
    /// <summary>The need in words.</summary>
    public string Text => (TrId, Key) switch
    {
        (null, _) => "a frame that is not of a known feed",
        (_, null) => $"a frame of {TrId}",
        _ => $"{TrId}:{Key}",
    };
}
