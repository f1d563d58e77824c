namespace KisFeed.RabbitMq.Reading;

/// <summary>
/// Who publishes a key, according to the key epochs of frames and events: a source that has had to give the key to another is not heard any
/// more, and data may be missing where the key changes hands. Not thread-safe.
/// </summary>
internal sealed class KeyOwnership
{
    /// <summary>The highest epoch of the key so far, or the one that is expected.</summary>
    public uint Epoch { get; private set; }

    /// <summary>The source that has the key; <see langword="null"/> before its first frame or event.</summary>
    public string? Holder { get; private set; }

    /// <summary>Whether the key was released or refused, and no frame has followed: another source may take it.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>Everything that is known, so that another reader can continue there.</summary>
    public (uint Epoch, string? Holder, bool IsReleased) State
    {
        get => (Epoch, Holder, IsReleased);
        set => (Epoch, Holder, IsReleased) = value;
    }

    /// <summary>Before the first frame or event: from which epoch on they count.</summary>
    public void Expect(uint epoch) => Epoch = Holder is null && epoch > Epoch ? epoch : Epoch;

    /// <summary>Whether data of a source may be of the key.</summary>
    public bool IsOf(string source) => Holder is null || Holder == source;

    /// <summary>Decides by its key epoch whether a frame or an event of the key counts.</summary>
    /// <param name="source">The source.</param>
    /// <param name="epoch">The epoch; <see langword="null"/> if the frame does not say it.</param>
    /// <param name="isFrame">Whether it is a frame, rather than an event.</param>
    /// <param name="isTakeover">Whether the key has changed hands: data may be missing. Not after its release, which has said so.</param>
    public bool TryAccept(string source, uint? epoch, bool isFrame, out bool isTakeover)
    {
        var known = epoch ?? Epoch;
        isTakeover = false;
        if (known < Epoch)
            return false;
        var isHigher = Holder is not null && known > Epoch;
        isTakeover = isHigher && !IsReleased;
        if (isFrame || isHigher || Holder is null)
            Holder = source;
        if (isFrame)
            IsReleased = false;
        Epoch = known;
        return true;
    }

    /// <summary>The holder has released the key, or the broker has refused it.</summary>
    /// <returns>Whether that is new: data may be missing from here on.</returns>
    public bool Release()
    {
        var isNew = !IsReleased;
        IsReleased = true;
        return isNew;
    }
}
