namespace KisFeed.Cli.Tests.Running;

/// <summary>Collects written data and signals when all given texts have been written.</summary>
internal sealed class SignallingStream(params string[] texts) : MemoryStream
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _wasWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task WasWritten => _wasWritten.Task;

    public string Text
    {
        get
        {
            lock (_gate)
                return Encoding.UTF8.GetString(ToArray());
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_gate)
        {
            base.Write(buffer);
            var text = Encoding.UTF8.GetString(ToArray());
            if (texts.All(t => text.Contains(t, StringComparison.Ordinal)))
                _wasWritten.TrySetResult();
        }
    }
}
