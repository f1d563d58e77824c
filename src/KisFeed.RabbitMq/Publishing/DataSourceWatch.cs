namespace KisFeed.RabbitMq.Publishing;

/// <summary>Follows which data the sessions of a source of frames deliver: those of a real market, simulated or replayed.</summary>
internal sealed class DataSourceWatch : IAsyncDisposable
{
    private const int Unknown = -1;

    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private int _current = Unknown;

    public DataSourceWatch(IFrameSource source) => _watching = Task.Run(() => WatchAsync(source));

    /// <summary>The source of the data; <see langword="null"/> if it is not known. The broker does not report it.</summary>
    public DataSource? Current => Volatile.Read(ref _current) is var current and >= 0 ? (DataSource)current : null;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task WatchAsync(IFrameSource source)
    {
        try
        {
            await foreach (var status in source.WatchSessionsAsync(_end.Token).ConfigureAwait(false))
            {
                if (status.Source is { } data)
                    Volatile.Write(ref _current, (int)data);
            }
        }
        catch (OperationCanceledException)
        {
            // The publisher has ended.
        }
    }
}
