using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>A session's registration for one key of one feed.</summary>
internal sealed class ClientRegistration : IDisposable
{
    private readonly FeedSchema _feed;
    private readonly FrameBatch _batch;
    private readonly FrameBatch _mixedBatch;
    private readonly NoticeCipher? _cipher;

    /// <summary>Creates a granted registration.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="trKey">The key within the feed.</param>
    /// <param name="output">The output of the session.</param>
    /// <param name="mixedBatch">The session's batch for the TR ID, shared by its registrations.</param>
    /// <param name="noticeKey">The key of an encrypted feed, owned by the registration; <see langword="null"/> for other feeds.</param>
    public ClientRegistration(FeedSchema feed, string trKey, SessionOutput output, FrameBatch mixedBatch, NoticeKey? noticeKey)
    {
        _feed = feed;
        TrKey = trKey;
        Output = output;
        _batch = new FrameBatch(feed.TrId);
        _mixedBatch = mixedBatch;
        _cipher = noticeKey is null ? null : new NoticeCipher(noticeKey);
    }

    public string TrId => _feed.TrId;

    public string TrKey { get; }

    public SessionOutput Output { get; }

    /// <summary>Whether any record of the key has been delivered as part of a whole frame.</summary>
    public bool IsServed { get; set; }

    /// <summary>Sends a record with the next flush.</summary>
    /// <param name="record">The fields, encoded and <c>^</c>-separated.</param>
    /// <param name="mixKeys">Whether it may share a frame with records of the session's other keys.</param>
    public void Deliver(ReadOnlySpan<byte> record, bool mixKeys = false)
    {
        record = Output.Revise(_feed, record);
        if (_cipher is null)
            Output.Add(mixKeys ? _mixedBatch : _batch, record);
        else
            Output.SendEncrypted(TrId, _cipher, record);
    }

    /// <summary>Sends a frame of one record at once.</summary>
    public void DeliverFrame(ReadOnlySpan<byte> frame)
    {
        if (DataFrame.TryParse(frame, out var parsed, out _)
            && Output.Revise(_feed, parsed.Payload) is var record
            && record.Length != parsed.Payload.Length)
        {
            frame = (byte[])[.. frame[..parsed.PayloadOffset], .. record];
        }
        Output.Send(frame, records: 1);
    }

    /// <summary>Encrypts and sends a whole plaintext order notice.</summary>
    public void DeliverNotice(in DataFrame frame)
    {
        if (_cipher is not null)
            Output.SendEncrypted(frame, _cipher);
    }

    /// <summary>Clears the key. Call it after the feed source has unsubscribed the registration.</summary>
    public void Dispose() => _cipher?.Dispose();
}
