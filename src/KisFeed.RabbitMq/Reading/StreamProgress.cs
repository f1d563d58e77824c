namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// How far a stream was read. Its offsets go back if somebody deletes it and it is created again, or if it loses its end. Not thread-safe.
/// </summary>
internal sealed class StreamProgress
{
    /// <summary>The offset of the last message; <see langword="null"/> before the first.</summary>
    public long? Last { get; private set; }

    /// <summary>Messages behind this one are read again.</summary>
    public void Rewind(long? last) => Last = last;

    /// <summary>Adds a message.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="isNew">Whether it has entries that were not read. Otherwise it may be one that was read before, for example because a
    /// node does not have later ones yet.</param>
    /// <returns>Whether the offsets have gone back: messages that were not read may be lost.</returns>
    public bool Add(long offset, bool isNew)
    {
        var isBack = isNew && offset < Last;
        Last = isBack ? offset : Math.Max(Last ?? offset, offset);
        return isBack;
    }
}
