using System.CommandLine;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The ways of reading a frame, for BenchmarkDotNet.</summary>
[MemoryDiagnoser]
public abstract class DecodeBenchmarks<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    private protected abstract DecodeWork<TRecord> Work { get; }

    /// <summary>As in the broker's published samples.</summary>
    [Benchmark(Baseline = true)]
    public long Split() => Work.Split();

    /// <summary>With the framework's span parsers.</summary>
    [Benchmark]
    public long Utf8Parser() => Work.Spans();

    /// <summary>Into a typed record.</summary>
    [Benchmark]
    public long Typed() => Work.Typed();

    /// <summary>Into a typed record, and every property read.</summary>
    [Benchmark]
    public long TypedAndRead() => Work.TypedAndRead();

    /// <summary>Every column located, three read.</summary>
    [Benchmark]
    public long ThreeOfAll() => Work.ThreeOfAll();

    /// <summary>A single scan of the bytes: the lower bound.</summary>
    [Benchmark]
    public long Scan() => Work.Scan();
}

/// <summary>
/// Measures only the index sample. Started by the suite with vector instructions disabled, because that is decided once per process.
/// </summary>
internal sealed class DecodeOnceCommand : Command
{
    public const string Word = "decode-once";

    public DecodeOnceCommand()
        : base(Word, "Measures the decoding of the index sample in this process, and prints JSON.")
    {
        Hidden = true;
        SetAction(async (arguments, cancellationToken) =>
        {
            var work = IndexWork();
            Console.WriteLine(JsonSerializer.Serialize(await new Rounds(_ => { }, arguments.IsBrief())
                .RunAsync(work.Subject, work.Candidates, DecodeSuite.Rounds, TimedLoop.WarmUp, cancellationToken)));
        });
    }

    public static DecodeWork<IndexTrade> IndexWork() => new(IndexTrade.Feed, Samples.Index, [2, 4, 9], Samples.ReadAll);
}
