namespace KisFeed.Benchmarks.Sockets;

/// <summary>A client that is measured.</summary>
internal interface IFeedReader : IAsyncDisposable
{
    /// <summary>What it has got so far. May be asked for by any thread.</summary>
    Reading Read();
}
