using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>What it takes to read one frame, for each feed.</summary>
internal sealed class DecodeContest : IContest
{
    public string Name => "decode";

    public string Description => "a frame of each feed into a typed record";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await CompareAsync(new DecodeWork<IndexTrade>(IndexTrade.Feed, Samples.Index, [2, 4, 9], Samples.ReadAll), rounds, cancellationToken);
    }

    private static async Task<Comparison> CompareAsync<TRecord>(DecodeWork<TRecord> work, Rounds rounds, CancellationToken cancellationToken)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        Contestant[] contestants =
        [
            Of("KisFeed, typed", work.Typed),
            Of("KisFeed, typed, all read", work.TypedAndRead),
            Of("KisFeed, located, three", work.ThreeOfAll),
            Of("Split", work.Split),
            Of("Utf8Parser", work.Spans),
            Of("scan", work.Scan),
        ];
        var standings = await rounds.RunAsync(work.Feed, contestants, 7, cancellationToken);
        return new Comparison($"decode: {work.Feed}, {work.Bytes} bytes", standings, [], []);
    }

    private static Contestant Of(string name, Func<long> work) => new(name, _ => Task.FromResult(Stint.Of(work)));
}
