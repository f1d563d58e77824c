using System.Buffers;
using System.Text.Json;

namespace KisFeed.Cli.Output;

/// <summary>
/// Writes items of one kind in one format. A new format is one class, and its name in its command.
/// </summary>
#pragma warning disable MA0049 // The namespace has the outputs, and this is what they are.
internal abstract class Output<T> : IAsyncDisposable
#pragma warning restore MA0049
    where T : allows ref struct
{
    public abstract void Write(scoped T item);

    /// <summary>No more items are available now: writes those that are buffered.</summary>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public abstract ValueTask DisposeAsync();
}

/// <summary>Writes the members of the JSON object of an item.</summary>
internal delegate void JsonMembers<T>(Utf8JsonWriter json, scoped T item)
    where T : allows ref struct;

internal sealed class JsonOutput<T>(Stream output, JsonMembers<T> members) : Output<T>
    where T : allows ref struct
{
    private readonly JsonLines _lines = new(output);

    public override void Write(scoped T item)
    {
        members(_lines.Begin(), item);
        _lines.End();
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => _lines.FlushAsync(cancellationToken);

    public override ValueTask DisposeAsync()
    {
        _lines.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Text, as a function writes it.</summary>
internal sealed class PlainOutput<T>(Stream output, Action<TextWriter, T> write) : TextOutput<T>(output)
{
    public override void Write(T item)
    {
        using var text = new StringWriter(Text, CultureInfo.InvariantCulture);
        write(text, item);
    }
}

/// <summary>Text, buffered until it is flushed.</summary>
internal abstract class TextOutput<T>(Stream output) : Output<T>
    where T : allows ref struct
{
    /// <summary>The text that is not flushed. Append to it.</summary>
    protected StringBuilder Text { get; } = new();

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Text.Length == 0)
            return;
        await output.WriteAsync(Encoding.UTF8.GetBytes(Text.ToString()), cancellationToken);
        await output.FlushAsync(cancellationToken);
        Text.Clear();
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>CSV, buffered until it is flushed.</summary>
internal abstract class CsvOutput<T>(Stream output) : Output<T>
    where T : allows ref struct
{
    private const int InitialCapacity = 1 << 16;

    /// <summary>The text that is not flushed. Write to it, and separate lines by <see cref="RecordCsv.LineEnd"/>.</summary>
    protected ArrayBufferWriter<byte> Text { get; } = new(InitialCapacity);

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Text.WrittenCount == 0)
            return;
        await output.WriteAsync(Text.WrittenMemory, cancellationToken);
        await output.FlushAsync(cancellationToken);
        Text.ResetWrittenCount();
    }

    public override ValueTask DisposeAsync() => FlushAsync();
}
