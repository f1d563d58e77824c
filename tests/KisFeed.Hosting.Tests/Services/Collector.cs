using System.Collections.Concurrent;
using KisFeed.Feeds;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>Keeps the keys of what it is handed, and tells when there are some of two.</summary>
internal sealed class Collector(Clock clock) : IFeedHandler<ProgramTrade>
{
    private readonly ConcurrentDictionary<string, bool> _codes = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _hasTwo = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Clock Clock => clock;

    public IEnumerable<string> Codes => _codes.Keys.Order(StringComparer.Ordinal);

    public Task HasTwo => _hasTwo.Task;

    public void OnRecord(in ProgramTrade record)
    {
        _codes[record.Code] = true;
        if (_codes.Count == 2)
            _hasTwo.TrySetResult();
    }

    public void OnEvent(FeedEvent happened)
    {
    }
}
