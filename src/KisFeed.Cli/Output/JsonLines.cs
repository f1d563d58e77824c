using System.Buffers;
using System.Text.Json;

namespace KisFeed.Cli.Output;

/// <summary>Writes JSON objects, one per line, buffered until they are flushed.</summary>
internal sealed class JsonLines : IDisposable
{
    private const int InitialCapacity = 1 << 16;

    private readonly Stream _output;
    private readonly ArrayBufferWriter<byte> _text = new(InitialCapacity);
    private readonly Utf8JsonWriter _json;

    public JsonLines(Stream output)
    {
        _output = output;
        _json = new Utf8JsonWriter(_text, RecordJson.WriterOptions with { SkipValidation = true });
    }

    public Utf8JsonWriter Begin()
    {
        _json.WriteStartObject();
        return _json;
    }

    public void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _text.Write("\n"u8);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_text.WrittenCount == 0)
            return;
        await _output.WriteAsync(_text.WrittenMemory, cancellationToken);
        await _output.FlushAsync(cancellationToken);
        _text.ResetWrittenCount();
    }

    public void Dispose() => _json.Dispose();
}
