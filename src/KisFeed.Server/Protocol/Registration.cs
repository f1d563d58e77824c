using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>One key of one feed that a session is registered for.</summary>
internal sealed class Registration : IDisposable
{
    private readonly FrameBatch _batch;
    private readonly FrameBatch _mixedBatch;
    private readonly NoticeCipher? _cipher;

    /// <summary>A registration that has been granted.</summary>
    /// <param name="trId">The TR ID.</param>
    /// <param name="trKey">The key within the feed.</param>
    /// <param name="output">The session's data side.</param>
    /// <param name="mixedBatch">The session's batch for the TR ID, shared by its registrations.</param>
    /// <param name="noticeKey">The key for encrypted feeds, taken over; <see langword="null"/> for plain ones.</param>
    public Registration(string trId, string trKey, SessionOutput output, FrameBatch mixedBatch, NoticeKey? noticeKey)
    {
        TrId = trId;
        TrKey = trKey;
        Output = output;
        _batch = new FrameBatch(trId);
        _mixedBatch = mixedBatch;
        _cipher = noticeKey is null ? null : new NoticeCipher(noticeKey);
    }

    public string TrId { get; }

    public string TrKey { get; }

    public SessionOutput Output { get; }

    /// <summary>Whether anything has been delivered of what it asked for, in whole frames.</summary>
    public bool IsServed { get; set; }

    /// <summary>Sends a record with the next flush.</summary>
    /// <param name="record">The fields, encoded and <c>^</c>-separated.</param>
    /// <param name="mixKeys">Whether it may share a frame with records of the session's other keys.</param>
    public void Deliver(ReadOnlySpan<byte> record, bool mixKeys = false)
    {
        if (_cipher is null)
            Output.Add(mixKeys ? _mixedBatch : _batch, record);
        else
            Output.SendEncrypted(TrId, _cipher, record);
    }

    /// <summary>Takes a whole order notice in plain form.</summary>
    public void DeliverNotice(in DataFrame frame)
    {
        if (_cipher is not null)
            Output.SendEncrypted(frame, _cipher);
    }

    /// <summary>Clears the key. Not before the feed source has let go of the registration.</summary>
    public void Dispose() => _cipher?.Dispose();
}
