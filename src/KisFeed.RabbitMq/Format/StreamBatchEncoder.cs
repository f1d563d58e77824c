using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace KisFeed.RabbitMq.Format;

/// <summary>Writes batches of one source and one stream. Entries get consecutive sequence numbers from 1. Not thread-safe.</summary>
internal sealed class StreamBatchEncoder
{
    private readonly BatchOrigin _origin;
    private readonly byte[] _source;
    private readonly ArrayBufferWriter<byte> _entries = new(1 << 13);

    public StreamBatchEncoder(BatchOrigin origin)
    {
        _origin = origin;
        _source = Encoding.UTF8.GetBytes(origin.Source);
        if (_source.Length is 0 or > BatchFormat.MaxSourceLength)
            throw new ArgumentException($"the source id must have 1 to {BatchFormat.MaxSourceLength} bytes", nameof(origin));
    }

    /// <summary>The number of entries in the open batch.</summary>
    public int Count { get; private set; }

    /// <summary>The length of the entries in the open batch, in bytes.</summary>
    public int Length => _entries.WrittenCount;

    /// <summary>The source of the data; <see langword="null"/> if it is not known.</summary>
    public DataSource? Data { get; set; }

    /// <summary>The sequence number of the first entry in the open batch.</summary>
    public ulong FirstSequence { get; private set; } = 1;

    /// <summary>The time of the first entry in the open batch.</summary>
    public DateTimeOffset FirstAt { get; private set; }

    /// <summary>Appends an entry.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="at">The time of receipt, or of the event.</param>
    /// <param name="keyEpochs">Empty for no epoch, one for all records of the frame, or one for each record.</param>
    /// <param name="content">The frame, or the JSON of the event.</param>
    /// <param name="statedDay">The day that the source states for a frame; <see langword="null"/> for none.</param>
    public void Add(EntryKind kind, DateTimeOffset at, ReadOnlySpan<uint> keyEpochs, ReadOnlySpan<byte> content, DateOnly? statedDay = null)
    {
        if (Count == ushort.MaxValue || keyEpochs.Length > byte.MaxValue)
            throw new InvalidOperationException("the batch is full, or the entry has too many key epochs");
        if (Count == 0)
            FirstAt = at;
        var contentLength = content.Length + (statedDay is null ? 0 : BatchFormat.DayLength);
        var length = BatchFormat.EntryLength + (sizeof(uint) * keyEpochs.Length) + contentLength;
        var span = _entries.GetSpan(length)[..length];
        span[0] = (byte)(statedDay is null ? kind : EntryKind.DatedFrame);
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks);
        span[9] = (byte)keyEpochs.Length;
        span = span[10..];
        foreach (var epoch in keyEpochs)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(span, epoch);
            span = span[sizeof(uint)..];
        }

        BinaryPrimitives.WriteInt32LittleEndian(span, contentLength);
        span = span[sizeof(int)..];
        if (statedDay is { } day)
        {
            BinaryPrimitives.WriteInt32LittleEndian(span, day.DayNumber);
            span = span[BatchFormat.DayLength..];
        }

        content.CopyTo(span);
        _entries.Advance(length);
        Count++;
    }

    /// <summary>Ends the batch, which must have an entry, and returns its bytes. The next batch continues its sequence.</summary>
    /// <param name="confirmed">The cluster has confirmed all entries up to this sequence number.</param>
    public byte[] Complete(ulong confirmed)
    {
        var batch = Write(confirmed, Count, _entries.WrittenSpan);
        FirstSequence += (ulong)Count;
        Count = 0;
        _entries.ResetWrittenCount();
        return batch;
    }

    /// <summary>Returns a batch without entries, which only says what is confirmed. The open batch stays open.</summary>
    /// <param name="confirmed">The cluster has confirmed all entries up to this sequence number.</param>
    public byte[] Mark(ulong confirmed) => Write(confirmed, 0, []);

    private byte[] Write(ulong confirmed, int count, ReadOnlySpan<byte> entries)
    {
        var header = BatchFormat.HeaderLength + _source.Length;
        var batch = new byte[header + entries.Length + BatchFormat.ChecksumLength];
        var span = batch.AsSpan();
        BatchFormat.Magic.CopyTo(span);
        span[BatchFormat.VersionOffset] = BatchFormat.Version;
        span[BatchFormat.FlagsOffset] = BatchFormat.FlagsOf(_origin.Continues, Data);
        BinaryPrimitives.WriteUInt64LittleEndian(span[BatchFormat.EpochOffset..], _origin.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(span[BatchFormat.SequenceOffset..], FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(span[BatchFormat.ConfirmedOffset..], confirmed);
        BinaryPrimitives.WriteUInt16LittleEndian(span[BatchFormat.CountOffset..], (ushort)count);
        span[BatchFormat.SourceOffset] = (byte)_source.Length;
        _source.CopyTo(span[BatchFormat.HeaderLength..]);
        entries.CopyTo(span[header..]);
        var checksum = Crc32C.Of(span[..^BatchFormat.ChecksumLength]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[^BatchFormat.ChecksumLength..], checksum);
        return batch;
    }
}
