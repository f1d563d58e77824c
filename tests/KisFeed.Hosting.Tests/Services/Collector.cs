using System.Collections.Concurrent;
using KisFeed.Feeds;

namespace KisFeed.Hosting.Tests.Services;

/// <summary>Collects the codes of its records, and signals when there are two.</summary>
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

    public void OnEvent(FeedEvent feedEvent)
    {
    }
}

/// <summary>A clock of the container that differs from the system's by its identity.</summary>
internal sealed class Clock : TimeProvider;

/// <summary>A feed that delivers only a gap, to a subscriber without an event handler.</summary>
internal static class GapFeed
{
    public static FeedDeclaration Declaration { get; } = new(IndexTrade.Feed.Schema, _ => ["key"], _ => (_, _, unhandled, _) =>
    {
        unhandled(new Gap { Reason = GapReason.QueueOverflow, Frames = 7 });
        return Task.FromResult(Task.CompletedTask);
    });
}
