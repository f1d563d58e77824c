using System.Buffers;
using System.Text.Json;

namespace KisFeed.Cli.Output;

/// <summary>Lines of text, CSV or JSON, buffered until they are flushed.</summary>
#pragma warning disable CA1001 // A JSON writer on a buffer has nothing to release.
internal sealed class LineBuffer
#pragma warning restore CA1001
{
    private const int InitialCapacity = 1 << 16;

    private readonly Stream _output;
    private readonly Utf8JsonWriter _json;

    public LineBuffer(Stream output)
    {
        _output = output;
        _json = new Utf8JsonWriter(Bytes, RecordJson.WriterOptions with { SkipValidation = true });
    }

    /// <summary>The lines that are not flushed, in UTF-8.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new(InitialCapacity);

    public LineBuffer Append(string text)
    {
        Encoding.UTF8.GetBytes(text, Bytes);
        return this;
    }

    /// <summary>Begins a line with a JSON object, whose members the caller writes.</summary>
    public Utf8JsonWriter BeginObject()
    {
        _json.WriteStartObject();
        return _json;
    }

    public void EndObject()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        Bytes.Write("\n"u8);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Bytes.WrittenCount == 0)
            return;
        await _output.WriteAsync(Bytes.WrittenMemory, cancellationToken);
        await _output.FlushAsync(cancellationToken);
        Bytes.ResetWrittenCount();
    }
}
