using System.Buffers;
using System.Runtime.InteropServices;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Sends a session's data in one of two ways, which a feed source does not mix. It builds frames from records: those of one key that arrive
/// before the next flush share a frame, in order; notices travel alone, because each registration has its own key. Or it selects, from
/// frames that are buffered for many sessions, those of its own. Used by the feed source only; not thread-safe.
/// </summary>
internal sealed class SessionOutput(IClientConnection connection, ServerCounters counters)
{
    /// <summary>The most records that have been seen in a frame of the broker.</summary>
    public const int MaxRecordsInFrame = 20;

    private readonly List<FrameBatch> _pending = [];
    private readonly List<(int Start, int Length)> _selected = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private readonly List<FrameRange> _ranges = [];
    private readonly ArrayBufferWriter<byte> _revised = new();
    private readonly int _maxRecordsInFrame = connection.Revision?.IsSingle == true ? 1 : MaxRecordsInFrame;
    private bool _isScheduled;
    private ServerEvent? _source;

    /// <summary>Whether the session receives any buffered frame; set by the dispatcher.</summary>
    public bool IsRecipient { get; set; }

    public IClientConnection Connection => connection;

    /// <summary>The revision of this session's records; <see langword="null"/> for records as they are.</summary>
    public LayoutRevision? Revision { get; } = connection.Revision;

    /// <summary>A record with the columns of the session's revision, valid until the next call.</summary>
    public ReadOnlySpan<byte> Revise(FeedSchema feed, ReadOnlySpan<byte> record)
    {
        if (Revision is not { } revision || !revision.Concerns(feed.TrId))
            return record;
        _revised.ResetWrittenCount();
        revision.WriteRecord(feed, record, _revised);
        return _revised.WrittenSpan;
    }

    /// <summary>States where the records that follow come from, and their day, unless it was stated before.</summary>
    public void State(ServerEvent source)
    {
        if (ReferenceEquals(_source, source))
            return;
        SendPending();
        if (_source != source)
            connection.Send(source);
        _source = source;
    }

    /// <summary>Schedules a flush. Returns <see langword="false"/> if one is scheduled already.</summary>
    public bool TrySchedule()
    {
        if (_isScheduled)
            return false;
        return _isScheduled = true;
    }

    /// <summary>Adds a record of an unencrypted feed.</summary>
    public void Add(FrameBatch batch, ReadOnlySpan<byte> record)
    {
        if (batch.Count == 0)
            _pending.Add(batch);
        else if (batch.Count == _maxRecordsInFrame)
            Send(batch);
        batch.Add(record);
    }

    /// <summary>Sends a record of a notice, encrypted for one registration.</summary>
    public void SendEncrypted(string trId, NoticeCipher cipher, ReadOnlySpan<byte> record)
    {
        _frame.ResetWrittenCount();
        FrameWriter.WriteHeader(_frame, encrypted: true, trId, 1);
        cipher.Encrypt(record, _frame);
        Send(_frame.WrittenSpan, 1);
    }

    /// <summary>Sends a whole plaintext order notice, encrypted for one registration and otherwise unchanged.</summary>
    public void SendEncrypted(in DataFrame frame, NoticeCipher cipher)
    {
        _frame.ResetWrittenCount();
        _frame.Write("1"u8);
        _frame.Write(frame.Bytes[1..frame.PayloadOffset]);
        cipher.Encrypt(frame.Payload, _frame);
        Send(_frame.WrittenSpan, frame.Count);
    }

    /// <summary>Sends a whole frame unchanged.</summary>
    public void Send(ReadOnlySpan<byte> frame, int records)
    {
        if (connection.Send(MessageKind.Data, frame))
            Count(1, records);
    }

    /// <summary>Adds a buffered frame to those of this session, unless it was added already.</summary>
    public void AddRange(int start, int end, int records)
    {
        var ranges = CollectionsMarshal.AsSpan(_ranges);
        if (ranges.IsEmpty || ranges[^1].End < start)
            _ranges.Add(new FrameRange(start, end, 1, records));
        else if (ranges[^1].End < end)
            ranges[^1] = new FrameRange(ranges[^1].Start, end, ranges[^1].Count + 1, ranges[^1].Records + records);
    }

    /// <summary>Sends this session's part of the buffered frames.</summary>
    public void SendBuffered(byte[] buffered)
    {
        foreach (var range in _ranges)
        {
            if (connection.Send(new SharedFrames(buffered, range.Start, range.End - range.Start, range.Count)))
                Count(range.Count, range.Records);
        }

        _ranges.Clear();
    }

    public void Select(int start, int length) => _selected.Add((start, length));

    public bool HasSelectedAll(in DataFrame frame) => _selected.Count == frame.Count;

    public bool HasSelection => _selected.Count > 0;

    /// <summary>Buffers a frame of the selected records and adds it to those of this session.</summary>
    public void BufferSelected(in DataFrame frame, BroadcastBuffer broadcast)
    {
        WriteSelected(frame);
        var start = broadcast.Length;
        broadcast.Add(_frame.WrittenSpan);
        AddRange(start, broadcast.Length, _selected.Count);
    }

    public void ClearSelection() => _selected.Clear();

    public void Flush()
    {
        SendPending();
        _isScheduled = false;
    }

    private void Count(int frames, int records)
    {
        counters.Frames.Add(frames);
        counters.Records.Add(records);
    }

    private void SendPending()
    {
        foreach (var batch in _pending)
            Send(batch);
        _pending.Clear();
    }

    private void WriteSelected(in DataFrame frame)
    {
        _frame.ResetWrittenCount();
        FrameWriter.WriteHeader(_frame, frame, _selected.Count);
        for (var i = 0; i < _selected.Count; i++)
        {
            if (i > 0)
                _frame.Write("^"u8);
            _frame.Write(frame.Bytes.Slice(_selected[i].Start, _selected[i].Length));
        }
    }

    private void Send(FrameBatch batch)
    {
        _frame.ResetWrittenCount();
        FrameWriter.WriteHeader(_frame, encrypted: false, batch.TrId, batch.Count);
        _frame.Write(batch.Records);
        Send(_frame.WrittenSpan, batch.Count);
        batch.Clear();
    }
}

/// <summary>Records of one TR ID that are sent in one frame.</summary>
internal sealed class FrameBatch(string trId)
{
    private readonly ArrayBufferWriter<byte> _records = new();

    public string TrId { get; } = trId;

    public int Count { get; private set; }

    /// <summary>The records, <c>^</c>-separated.</summary>
    public ReadOnlySpan<byte> Records => _records.WrittenSpan;

    public void Add(ReadOnlySpan<byte> record)
    {
        if (Count++ > 0)
            _records.Write("^"u8);
        _records.Write(record);
    }

    public void Clear()
    {
        Count = 0;
        _records.ResetWrittenCount();
    }
}
