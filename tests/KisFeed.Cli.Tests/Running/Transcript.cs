namespace KisFeed.Cli.Tests.Running;

/// <summary>Collects written text and lets tests wait for a condition on it.</summary>
internal sealed class Transcript : MemoryStream
{
    private readonly Lock _gate = new();
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource Signal)> _waiters = [];

    public string Text
    {
        get
        {
            lock (_gate)
                return Encoding.UTF8.GetString(ToArray());
        }
    }

    /// <summary>Completes when the written text satisfies a condition.</summary>
    public Task UntilAsync(Func<string, bool> condition)
    {
        lock (_gate)
        {
            if (condition(Text))
                return Task.CompletedTask;
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((condition, signal));
            return signal.Task;
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
            if (_waiters.Count == 0)
                return;
            var text = Text;
            foreach (var (_, signal) in _waiters.FindAll(w => w.Matches(text)))
                signal.TrySetResult();
        }
    }
}
