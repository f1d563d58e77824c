namespace KisFeed.Gateway.Tests.Streaming;

/// <summary>Reads the items of a stream.</summary>
internal abstract class StreamClient : IAsyncDisposable
{
    /// <summary>Reads the next item; <see langword="null"/> at the end of the stream.</summary>
    public abstract Task<StreamEvent?> NextAsync();

    /// <summary>Reads the next item, which must have the given kind.</summary>
    public async Task<StreamEvent> NextAsync(string kind)
    {
        var next = (await NextAsync()).ShouldNotBeNull();
        next.Kind.ShouldBe(kind, next.Json.GetRawText());
        return next;
    }

    /// <summary>Reads until an item has the given kind.</summary>
    public Task<StreamEvent> UntilAsync(string kind) => UntilAsync(item => item.Kind == kind);

    /// <summary>Reads until an item matches.</summary>
    public async Task<StreamEvent> UntilAsync(Func<StreamEvent, bool> isIt)
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            var next = (await NextAsync()).ShouldNotBeNull();
            if (isIt(next))
                return next;
        }
    }

    /// <summary>Reads all items to the end of the stream.</summary>
    public async Task<List<StreamEvent>> ReadAllRemainingAsync()
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        var rest = new List<StreamEvent>();
        while (await NextAsync() is { } next)
        {
            deadline.Token.ThrowIfCancellationRequested();
            rest.Add(next);
        }

        return rest;
    }

    public abstract ValueTask DisposeAsync();
}
