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

/// <summary>An output that writes lines to a stream.</summary>
internal abstract class LineOutput<T>(Stream output) : Output<T>
    where T : allows ref struct
{
    /// <summary>The lines that are not flushed.</summary>
    protected LineBuffer Lines { get; } = new(output);

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => Lines.FlushAsync(cancellationToken);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Lines, as a function returns them.</summary>
internal sealed class PlainOutput<T>(Stream output, Func<T, string> linesOf) : LineOutput<T>(output)
{
    public override void Write(T item) => Lines.Append(linesOf(item));
}
