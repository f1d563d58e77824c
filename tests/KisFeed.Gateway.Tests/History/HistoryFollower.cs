namespace KisFeed.Gateway.Tests.History;

/// <summary>A program that reads some keys from a time on.</summary>
/// <param name="keys">The keys, as TR ID and key.</param>
/// <param name="from">The time.</param>
internal abstract class HistoryFollower((string TrId, string Key)[] keys, DateTimeOffset from) : IAsyncDisposable
{
    /// <summary>How often the recorded past was joined to the present.</summary>
    public int Joins { get; protected set; }

    /// <summary>The number of records received.</summary>
    public int Records => keys.Sum(key => Received.Of(key.TrId, key.Key).Count(item => item.Json is not null));

    protected DateTimeOffset From => from;

    protected RecordedKeys Received { get; } = new();

    /// <summary>Compares what each program has received with the recording, and ends it.</summary>
    public static async Task CheckAllAsync(IEnumerable<HistoryFollower> followers, RecordedKeys recorded, int seed)
    {
        foreach (var follower in followers)
        {
            Should.NotThrow(() => follower.Check(recorded), $"seed {seed}");
            await follower.DisposeAsync();
        }
    }

    /// <summary>Reads some items.</summary>
    public abstract Task ReadAsync(int count);

    /// <summary>Reads until it has reached the present.</summary>
    public virtual async Task CatchUpAsync()
    {
        using var deadline = new CancellationTokenSource(Patience.Limit);
        for (var joins = Joins; Joins == joins; await ReadAsync(1))
            deadline.IsCancellationRequested.ShouldBeFalse($"{Records} records were read, and the present was not reached");
    }

    /// <summary>
    /// Compares what was received with the recording: the records from the beginning on, each once and in order, gaps where they are.
    /// </summary>
    public virtual void Check(RecordedKeys recorded)
    {
        Received.Keys.ShouldBeSubsetOf(keys);
        foreach (var (trId, key) in keys)
        {
            var expected = Normalized(recorded.Of(trId, key).Where(item => item.At >= from));
            var got = Normalized(Received.Of(trId, key));
            got.Count.ShouldBeLessThanOrEqualTo(expected.Count, $"{trId}:{key}");
            var same = got.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
            if (same < got.Count)
            {
                got[same].ShouldBe(expected[same], $"{trId}:{key} from {from:O}, item {same} of {got.Count}, which is item "
                    + $"{expected.IndexOf(got[same], same)} of {expected.Count} recorded, with {Joins} joins; received gaps: "
                    + $"{GapsOf(Received)}; recorded: {GapsOf(recorded)}");
            }

            string GapsOf(RecordedKeys items) => string.Join(
                ", ", items.Of(trId, key).Where(item => item.Json is null).Select(item => $"{item.At:O} {item.Cause}"));
        }
    }

    public abstract ValueTask DisposeAsync();

    // Several causes of missing data between two records are one gap in one place and several in another; a gap at the end may still grow.
    private static List<string?> Normalized(IEnumerable<RecordedItem> items)
    {
        var result = new List<string?>();
        foreach (var item in items)
        {
            if (item.Json is not null || result is [.., not null])
                result.Add(item.Json);
        }

        if (result is [.., null])
            result.RemoveAt(result.Count - 1);
        return result;
    }
}
