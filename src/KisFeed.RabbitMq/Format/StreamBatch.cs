using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace KisFeed.RabbitMq.Format;

/// <summary>A batch of frames and events of one source, in order.</summary>
/// <param name="Origin">The sender.</param>
/// <param name="FirstSequence">The sequence number of the first entry. Those of the others follow.</param>
/// <param name="Confirmed">The cluster had confirmed all entries up to this sequence number before the batch was sent, so they
/// are before it in the stream.</param>
/// <param name="Entries">The entries. Their content is part of the message. A batch without entries only says what is confirmed.</param>
internal sealed record StreamBatch(BatchOrigin Origin, ulong FirstSequence, ulong Confirmed, IReadOnlyList<BatchEntry> Entries)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The source of the data; <see langword="null"/> if the publisher does not know it.</summary>
    public DataSource? Data { get; private init; }

    /// <summary>The sequence number of the last entry; that before the first if there is none.</summary>
    public ulong LastSequence => FirstSequence + (ulong)Entries.Count - 1;

    /// <summary>Reads a message. Any bytes are accepted; those that are not a whole batch are a problem.</summary>
    /// <param name="message">The message.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> message, [NotNullWhen(true)] out StreamBatch? batch, [NotNullWhen(false)] out string? problem)
    {
        batch = null;
        var bytes = message.Span;
        if (bytes.Length < BatchFormat.HeaderLength + BatchFormat.ChecksumLength || !bytes.StartsWith(BatchFormat.Magic))
            return Fail("it is not a batch", out problem);
        if (bytes[BatchFormat.VersionOffset] != BatchFormat.Version)
            return Fail($"version {bytes[BatchFormat.VersionOffset]} is not supported", out problem);
        if (Crc32C.Of(bytes[..^BatchFormat.ChecksumLength]) != BinaryPrimitives.ReadUInt32LittleEndian(
            bytes[^BatchFormat.ChecksumLength..]))
        {
            return Fail("its checksum is wrong", out problem);
        }
        var first = BinaryPrimitives.ReadUInt64LittleEndian(bytes[BatchFormat.SequenceOffset..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[BatchFormat.CountOffset..]);
        var confirmed = BinaryPrimitives.ReadUInt64LittleEndian(bytes[BatchFormat.ConfirmedOffset..]);
        if (first == 0 || first > ulong.MaxValue - count || confirmed >= first)
            return Fail("its sequence numbers are not valid", out problem);
        var content = message[BatchFormat.HeaderLength..^BatchFormat.ChecksumLength];
        if (!TryReadSource(content.Span, bytes[BatchFormat.SourceOffset], out var source))
            return Fail("its source is not valid", out problem);
        if (!TryReadEntries(content[bytes[BatchFormat.SourceOffset]..], count, out var entries))
            return Fail("its entries are not valid", out problem);
        var epoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[BatchFormat.EpochOffset..]);
        var flags = bytes[BatchFormat.FlagsOffset];
        batch = new StreamBatch(new BatchOrigin(source, epoch, (flags & BatchFormat.ContinuesFlag) != 0), first, confirmed, entries)
        {
            Data = BatchFormat.DataSourceOf(flags),
        };
        problem = null;
        return true;
    }

    private static bool Fail(string reason, out string problem)
    {
        problem = reason;
        return false;
    }

    private static bool TryReadSource(ReadOnlySpan<byte> content, int length, [NotNullWhen(true)] out string? source)
    {
        source = null;
        if (length is 0 or > BatchFormat.MaxSourceLength || length > content.Length)
            return false;
        try
        {
            source = s_utf8.GetString(content[..length]);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool TryReadEntries(ReadOnlyMemory<byte> content, int count, [NotNullWhen(true)] out BatchEntry[]? entries)
    {
        entries = null;
        if (count > content.Length / BatchFormat.EntryLength)
            return false;
        var read = new BatchEntry[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadEntry(ref content, out read[i]))
                return false;
        }

        entries = read;
        return content.IsEmpty;
    }

    private static bool TryReadEntry(ref ReadOnlyMemory<byte> content, out BatchEntry entry)
    {
        entry = default;
        var span = content.Span;
        if (span.Length < BatchFormat.EntryLength)
            return false;
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(span[1..]);
        var epochs = span[9] * sizeof(uint);
        if (ticks < BatchFormat.MinTicks || ticks > BatchFormat.MaxTicks || span.Length < BatchFormat.EntryLength + epochs)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(span[(10 + epochs)..]);
        var begin = BatchFormat.EntryLength + epochs;
        if (length < 0 || length > span.Length - begin)
            return false;
        entry = new BatchEntry(
            (EntryKind)span[0], DateTimeOffset.UnixEpoch.AddTicks(ticks), content.Slice(10, epochs), content.Slice(begin, length));
        content = content[(begin + length)..];
        return entry.Kind != EntryKind.DatedFrame || TryReadDay(ref entry);
    }

    private static bool TryReadDay(ref BatchEntry entry)
    {
        if (entry.Content.Length < BatchFormat.DayLength)
            return false;
        var day = BinaryPrimitives.ReadInt32LittleEndian(entry.Content.Span);
        if (day < 0 || day > DateOnly.MaxValue.DayNumber)
            return false;
        var frame = entry.Content[BatchFormat.DayLength..];
        entry = entry with { Kind = EntryKind.Frame, Content = frame, StatedDay = DateOnly.FromDayNumber(day) };
        return true;
    }
}
