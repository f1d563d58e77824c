using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.Testing;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>The time to decode one frame of each feed; for the index sample with the widest vectors of this machine, with narrower ones, and without.</summary>
internal sealed class DecodeSuite : IBenchmarkSuite
{
    public const int Rounds = 9;

    private const double TimesScan = 25;
    private const double TimesSplitForThree = 40;
    private const double NoticeOverAes = 1.3;

    public string Name => "decode";

    public string Description => "a frame of each feed into a typed record";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var index = DecodeOnceCommand.IndexWork();
        var results = await rounds.RunAsync(index.Subject, index.Candidates, Rounds, TimedLoop.WarmUp, cancellationToken);
        var texts = IndexTrade.Columns.Index().Where(c => !c.Item.IsNumeric).Select(c => c.Index);
        var (python, note) = await PythonWork.MeasureAsync(Samples.Index, texts, cancellationToken);
        yield return OfIndex($"{index.Subject}, {Machine.Current().Vectors}", results, Avx512Vbmi2.IsSupported ? 25 : Avx2.IsSupported ? 12 : 5, python, note);

        if (Avx512Vbmi2.IsSupported)
            yield return OfIndex($"{index.Subject}, AVX2", await WithoutAsync("DOTNET_EnableAVX512", rounds.IsBrief, cancellationToken), 12, [], "");
        if (Avx2.IsSupported)
            yield return OfIndex($"{index.Subject}, without AVX2", await WithoutAsync("DOTNET_EnableAVX2", rounds.IsBrief, cancellationToken), 5, [], "");

        yield return await CompareAsync(new DecodeWork<BondTrade>(BondTrade.Feed, Samples.Bond, [6, 7, 12], Samples.ReadAll), rounds, cancellationToken);
        yield return await CompareAsync(new DecodeWork<ProgramTrade>(ProgramTrade.Nxt, Samples.ProgramOnNxt, [2, 6, 7], Samples.ReadAll), rounds, cancellationToken);
        yield return await CompareAsync(new DecodeWork<ProgramTrade>(ProgramTrade.Consolidated, Samples.ProgramOfBoth, [2, 6, 7], Samples.ReadAll), rounds, cancellationToken);
        yield return await CompareAsync(new DecodeWork<OrderNotice>(OrderNotice.Feed, Samples.Notice, [8, 9, 15], Samples.ReadAll), rounds, cancellationToken);

        yield return await CompareAsync(new DecodeWork<StockTrade>(StockTrade.Krx, Samples.StockTrade, [2, 12, 13], Samples.ReadAll), rounds, cancellationToken);
        yield return await CompareAsync(new DecodeWork<StockOrderBook>(StockOrderBook.Krx, Samples.StockBook, [3, 13, 43], Samples.ReadAll), rounds, cancellationToken);
        yield return await CompareAsync(new DecodeWork<StockOrderNotice>(StockOrderNotice.Feed, Samples.StockNotice, [9, 10, 16], Samples.ReadAll), rounds, cancellationToken);

        using var notice = new NoticeWork();
        var decrypted = await rounds.RunAsync(notice.Subject, notice.Candidates, Rounds, TimedLoop.WarmUp, cancellationToken);
        var cost = Of(decrypted, NoticeWork.Typed) / Of(decrypted, NoticeWork.Aes);
        yield return new Comparison(notice.Subject, decrypted, [new Target("a notice against its AES decryption", cost, "×", Bound.AtMost, NoticeOverAes)], []);
    }

    private static Comparison OfIndex(string subject, IReadOnlyList<CandidateResult> results, double timesSplit, IReadOnlyList<CandidateResult> python, string note)
    {
        var (typed, split, scan, three) = (Of(results, DecodeNames.Typed), Of(results, DecodeNames.Split), Of(results, DecodeNames.Scan), Of(results, DecodeNames.ThreeOfAll));
        List<Target> targets =
        [
            new("typed against Split and decimal.Parse", split / typed, "×", Bound.AtLeast, timesSplit),
            new("located and three read against Split and decimal.Parse", split / three, "×", Bound.AtLeast, TimesSplitForThree),
            new("typed against the limit", typed / scan, "×", Bound.AtMost, TimesScan),
            new("allocated for a typed record", results.First(s => s.Name == DecodeNames.Typed)[DecodeNames.Allocated], " bytes", Bound.AtMost, 0),
        ];
        return new Comparison(subject, [.. results, .. python], targets, note.Length > 0 ? [note] : []);
    }

    private static async Task<Comparison> CompareAsync<TRecord>(DecodeWork<TRecord> work, Rounds rounds, CancellationToken cancellationToken)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        var results = await rounds.RunAsync(work.Subject, work.Candidates, Rounds, TimedLoop.WarmUp, cancellationToken);
        var allocated = results.First(s => s.Name == DecodeNames.Typed)[DecodeNames.Allocated];
        return new Comparison(
            work.Subject,
            results,
            [new Target("allocated for a typed record", allocated, " bytes", Bound.AtMost, 0)],
            [string.Create(System.Globalization.CultureInfo.InvariantCulture, $"typed: {Of(results, DecodeNames.Split) / Of(results, DecodeNames.Typed):0.0} times as fast as Split and decimal.Parse")]);
    }

    private static double Of(IReadOnlyList<CandidateResult> results, string name) => results.First(s => s.Name == name)[DecodeNames.Frame];

    // Affects all candidates, because the framework's own searches use vectors too.
    private static async Task<IReadOnlyList<CandidateResult>> WithoutAsync(string variable, bool isBrief, CancellationToken cancellationToken)
    {
        var options = new ProcessOptions { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [variable] = "0" } };
        string[] arguments = ["exec", Assembly.GetEntryAssembly()!.Location, DecodeOnceCommand.Word, .. isBrief ? [BriefOption.Name] : Array.Empty<string>()];
        var output = await ProcessRunner.RunAsync("dotnet", arguments, Timeout.InfiniteTimeSpan, options, cancellationToken: cancellationToken);
        return JsonSerializer.Deserialize<List<CandidateResult>>(output)!;
    }
}

/// <summary>Names of the ways to read a frame.</summary>
internal static class DecodeNames
{
    public const string Typed = "KisFeed: typed record";
    public const string TypedAndRead = "KisFeed: typed record, every property read";
    public const string ThreeOfAll = "KisFeed: all columns located, three read";
    public const string Split = "string.Split and decimal.Parse";
    public const string Spans = "Utf8Parser over spans";
    public const string Scan = "Span.Count('^'), the limit";
    public const string Frame = "a frame";
    public const string Allocated = "allocated";
}

/// <summary>Repeats a short method often enough to be timed.</summary>
internal static class TimedLoop
{
    private const int Batch = 64;

    /// <summary>The time that all candidates together need until their methods are fully optimized.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_length = TimeSpan.FromMilliseconds(80);

    /// <summary>The mean time and allocation of one call.</summary>
    public static IReadOnlyList<Figure> Of(Func<long> work)
    {
        long calls = 0;
        long sink = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < s_length)
        {
            for (var i = 0; i < Batch; i++)
                sink += work();
            calls += Batch;
        }

        var elapsed = watch.Elapsed;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        GC.KeepAlive(sink);
        return [new Figure(DecodeNames.Frame, "ns", elapsed.TotalNanoseconds / calls), new Figure(DecodeNames.Allocated, "bytes", Math.Round((double)allocated / calls))];
    }
}
