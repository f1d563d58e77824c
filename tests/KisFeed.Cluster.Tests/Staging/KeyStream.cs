using System.Collections.Concurrent;

namespace KisFeed.Cluster.Tests.Staging;

/// <summary>A stream of keys from a gateway (server-sent events), read in the background.</summary>
internal sealed class KeyStream : IAsyncDisposable
{
    private static readonly HttpClient s_web = new() { Timeout = Timeout.InfiniteTimeSpan };

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<StreamedItem> _items = new();
    private readonly Task _reading;

    private KeyStream(Uri address) => _reading = Task.Run(() => ReadAsync(address));

    /// <summary>Records and gaps so far, in order.</summary>
    public IReadOnlyList<StreamedItem> Items => [.. _items];

    public int Records => _items.Count(static item => !item.IsGap);

    public int Gaps => _items.Count(static item => item.IsGap);

    /// <summary>Why the stream ended; <see langword="null"/> while it is open.</summary>
    public Exception? Error => _reading.Exception?.InnerException;

    public static KeyStream Open(string web, string keys) => new(new Uri($"{web}/v1/stream?subscribe={keys}"));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ReadAsync(Uri address)
    {
        using var response = await s_web.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(_end.Token));
        while (await lines.ReadLineAsync(_end.Token) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && StreamedItem.TryRead(line[5..]) is { } item)
                _items.Enqueue(item);
        }
    }
}
