using System.Buffers;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// Makes frames of the records that a session's registrations get. Records of one TR ID that arrive before the next flush share a frame, in
/// their order; notices travel alone, because each registration has its own key. Used only by the feed source, one thread at a time.
/// </summary>
internal sealed class SessionOutput(IClientConnection connection, ServerCounters counters)
{
    /// <summary>The most records that have been seen in a frame of the service.</summary>
    public const int MaxRecordsInFrame = 20;

    private readonly List<FrameBatch> _pending = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private bool _isScheduled;

    /// <summary>Where the frames go.</summary>
    public IClientConnection Connection => connection;

    /// <summary>Notes that the session is to be flushed; <see langword="false"/> where that is noted already.</summary>
    public bool TrySchedule()
    {
        if (_isScheduled)
            return false;
        return _isScheduled = true;
    }

    /// <summary>Takes a record of a plain feed.</summary>
    public void Add(FrameBatch batch, ReadOnlySpan<byte> record)
    {
        if (batch.Count == 0)
            _pending.Add(batch);
        else if (batch.Count == MaxRecordsInFrame)
            Send(batch);
        batch.Add(record);
    }

    /// <summary>Sends a record of a notice, encrypted for one registration.</summary>
    public void SendEncrypted(string trId, NoticeCipher cipher, ReadOnlySpan<byte> record)
    {
        _frame.ResetWrittenCount();
        FrameWriter.WriteHeader(_frame, encrypted: true, trId, 1);
        cipher.Encrypt(record, _frame);
        if (connection.Send(MessageKind.Data, _frame.WrittenSpan))
            counters.FrameSent(1);
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        foreach (var batch in _pending)
            Send(batch);
        _pending.Clear();
        _isScheduled = false;
    }

    private void Send(FrameBatch batch)
    {
        _frame.ResetWrittenCount();
        FrameWriter.WriteHeader(_frame, encrypted: false, batch.TrId, batch.Count);
        _frame.Write(batch.Records);
        if (connection.Send(MessageKind.Data, _frame.WrittenSpan))
            counters.FrameSent(batch.Count);
        batch.Clear();
    }
}
