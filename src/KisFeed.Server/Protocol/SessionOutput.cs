using System.Buffers;
using System.Runtime.InteropServices;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// Sends a session's data, in one of two ways, which a feed source does not mix. Of records it makes frames: those of one key that arrive before
/// the next flush share a frame, in their order; notices travel alone, because each registration has its own key. Of frames that are gathered for
/// many sessions it notes which are its own. Used only by the feed source, one thread at a time.
/// </summary>
internal sealed class SessionOutput(IClientConnection connection, ServerCounters counters)
{
    /// <summary>The most records that have been seen in a frame of the service.</summary>
    public const int MaxRecordsInFrame = 20;

    private readonly List<FrameBatch> _pending = [];
    private readonly List<(int Start, int Length)> _picked = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly List<FrameRange> _runs = [];
    private bool _isScheduled;

    /// <summary>Whether something that was gathered goes here; kept by who gathers it.</summary>
    public bool IsRecipient { get; set; }

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

    /// <summary>Sends a whole order notice that is in plain form, encrypted for one registration and otherwise as it is.</summary>
    public void SendEncrypted(in DataFrame frame, NoticeCipher cipher)
    {
        _frame.ResetWrittenCount();
        _frame.Write("1"u8);
        _frame.Write(frame.Bytes[1..frame.PayloadOffset]);
        cipher.Encrypt(frame.Payload, _frame);
        if (connection.Send(MessageKind.Data, _frame.WrittenSpan))
            counters.FrameSent(frame.Count);
    }

    /// <summary>Sends a whole frame as it is.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="records">How many records it is known to hold.</param>
    public void Send(ReadOnlySpan<byte> frame, int records)
    {
        if (connection.Send(MessageKind.Data, frame))
            counters.FrameSent(records);
    }

    /// <summary>Notes that a frame which has been gathered goes here, unless that is noted already.</summary>
    /// <param name="start">Where it begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="records">How many records it is known to hold.</param>
    public void Note(int start, int end, int records)
    {
        var runs = CollectionsMarshal.AsSpan(_runs);
        if (runs.IsEmpty || runs[^1].End < start)
            _runs.Add(new FrameRange(start, end, 1, records));
        else if (runs[^1].End < end)
            runs[^1] = new FrameRange(runs[^1].Start, end, runs[^1].Count + 1, runs[^1].Records + records);
    }

    /// <summary>Sends of what was gathered what goes here.</summary>
    public void SendGathered(byte[] gathered)
    {
        foreach (var run in _runs)
        {
            if (connection.Send(new SharedFrames(gathered, run.Start, run.End - run.Start, run.Count)))
                counters.FramesSent(run.Count, run.Records);
        }

        _runs.Clear();
    }

    /// <summary>Picks a record of a frame for this session.</summary>
    public void Pick(int start, int length) => _picked.Add((start, length));

    /// <summary>Whether all records of a frame were picked.</summary>
    public bool HasPickedAll(in DataFrame frame) => _picked.Count == frame.Count;

    /// <summary>Whether any record of a frame was picked.</summary>
    public bool HasPicked => _picked.Count > 0;

    /// <summary>Gathers a frame of the records that were picked, and notes it.</summary>
    public void GatherPicked(in DataFrame frame, BroadcastBuffer broadcast)
    {
        WritePicked(frame);
        var start = broadcast.Length;
        broadcast.Add(_frame.WrittenSpan);
        Note(start, broadcast.Length, _picked.Count);
    }

    /// <summary>Forgets what was picked.</summary>
    public void ForgetPicked() => _picked.Clear();

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        foreach (var batch in _pending)
            Send(batch);
        _pending.Clear();
        _isScheduled = false;
    }

    // The count keeps its digits, of which frames do not always have the same number.
    private void WritePicked(in DataFrame frame)
    {
        var header = frame.Bytes[..(frame.PayloadOffset - 1)];
        var digits = header.Length - 1 - header.LastIndexOf((byte)'|');
        _frame.ResetWrittenCount();
        _frame.Write(header[..^digits]);
        var count = _frame.GetSpan(digits);
        for (int i = digits - 1, left = _picked.Count; i >= 0; i--, left /= 10)
            count[i] = (byte)('0' + (left % 10));
        _frame.Advance(digits);
        for (var i = 0; i < _picked.Count; i++)
        {
            _frame.Write(i == 0 ? "|"u8 : "^"u8);
            _frame.Write(frame.Bytes.Slice(_picked[i].Start, _picked[i].Length));
        }
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
