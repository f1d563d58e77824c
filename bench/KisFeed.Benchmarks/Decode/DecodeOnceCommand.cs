using System.CommandLine;
using System.Text.Json;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;

namespace KisFeed.Benchmarks.Decode;

/// <summary>What the contest starts for itself with vectors switched off, since that is decided once for a process: the index sample alone.</summary>
internal sealed class DecodeOnceCommand : Command
{
    public const string Word = "decode-once";

    public DecodeOnceCommand()
        : base(Word, "Measures the decoding of the index sample in this process, and prints JSON.")
    {
        Hidden = true;
        SetAction(async (_, cancellationToken) =>
        {
            var work = IndexWork();
            Console.WriteLine(JsonSerializer.Serialize(await new Rounds(_ => { }).RunAsync(work.Subject, work.Contestants, DecodeContest.Rounds, Stint.WarmUp, cancellationToken)));
        });
    }

    public static DecodeWork<IndexTrade> IndexWork() => new(IndexTrade.Feed, Samples.Index, [2, 4, 9], Samples.ReadAll);
}
