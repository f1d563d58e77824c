using System.Buffers;
using System.IO.Pipelines;

namespace KisFeed.Cli.Decoding;

/// <summary>
/// Splits a stream into lines that end with LF or CRLF. Memory is bounded, whatever the length of the stream and its lines.
/// </summary>
internal sealed class LineReader(Stream input)
{
    /// <summary>The maximum length of a line, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The length of the part of a longer line that is shown, in bytes.</summary>
    public const int BeginningLength = 256;

    private const int BufferLength = 1 << 16;

    private byte[] _joined = [];
    private long _number;
    private bool _skipping;

    public async Task ReadAsync(ILineSink sink, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: BufferLength, leaveOpen: true));
        bool isCompleted;
        do
        {
            // A read from a terminal cannot be cancelled, so it is abandoned.
            var result = await pipe.ReadAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
            isCompleted = result.IsCompleted;
            var rest = Split(result.Buffer, isCompleted, sink);
            pipe.AdvanceTo(rest, result.Buffer.End);
            await sink.FlushAsync(cancellationToken);
        }
        while (!isCompleted);

        await pipe.CompleteAsync();
    }

    private SequencePosition Split(in ReadOnlySequence<byte> buffer, bool isLast, ILineSink sink)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            Deliver(line, sink);

        var rest = reader.UnreadSequence;
        if (isLast)
        {
            if (!rest.IsEmpty)
                Deliver(rest, sink);
            return buffer.End;
        }

        if (_skipping)
            return buffer.End;
        if (rest.Length <= MaxLength + 1)
            return rest.Start;
        DeliverTooLong(rest, sink);
        _skipping = true;
        return buffer.End;
    }

    private void Deliver(in ReadOnlySequence<byte> line, ILineSink sink)
    {
        if (_skipping)
        {
            _skipping = false;
            return;
        }

        var text = line.Length <= MaxLength + 1 ? WithoutReturn(Join(line)) : default;
        if (line.Length > MaxLength + 1 || text.Length > MaxLength)
            DeliverTooLong(line, sink);
        else
            sink.OnLine(text, ++_number);
    }

    private void DeliverTooLong(in ReadOnlySequence<byte> line, ILineSink sink) =>
        sink.OnLineTooLong(Join(line.Slice(0, BeginningLength)), ++_number);

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line[..^1] : line;

    private ReadOnlySpan<byte> Join(in ReadOnlySequence<byte> line)
    {
        if (line.IsSingleSegment)
            return line.FirstSpan;
        var length = (int)line.Length;
        if (_joined.Length < length)
            _joined = new byte[Math.Max(length, BufferLength)];
        line.CopyTo(_joined);
        return _joined.AsSpan(0, length);
    }
}

/// <summary>Receives the lines of a text in order. Numbers start at 1.</summary>
internal interface ILineSink
{
    /// <summary>A line without its line break.</summary>
    void OnLine(ReadOnlySpan<byte> line, long number);

    /// <summary>The beginning of a line that is longer than the limit. The rest is skipped.</summary>
    void OnLineTooLong(ReadOnlySpan<byte> beginning, long number);

    /// <summary>No more lines are buffered: flushes the results so far.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
