using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>
/// The time to decode one frame of each feed; for the index sample with the widest vectors of this
/// machine, with narrower ones, and without.
/// </summary>
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
        var texts = IndexTrade.Columns.Index().Where(c => !c.Item.IsNumeric).Select(c => c.Index);
        List<CandidateResult> rows = [];
        List<Target> targets = [];
        var widest = await rounds.RunAsync(index.Subject, index.Candidates, Rounds, TimedLoop.WarmUp, cancellationToken);
        AddIndex(Machine.Current().Vectors, widest, Avx512Vbmi2.IsSupported ? 25 : Avx2.IsSupported ? 12 : 5);
        var (python, note) = await PythonWork.MeasureAsync(Samples.Index, texts, cancellationToken);
        if (Avx512Vbmi2.IsSupported)
            AddIndex("AVX2", await WithoutAsync("DOTNET_EnableAVX512", rounds.IsBrief, cancellationToken), 12);
        if (Avx2.IsSupported)
            AddIndex("without AVX2", await WithoutAsync("DOTNET_EnableAVX2", rounds.IsBrief, cancellationToken), 5);

        await AddAsync(new DecodeWork<BondTrade>(BondTrade.Feed, Samples.Bond, [6, 7, 12], Samples.ReadAll));
        await AddAsync(new DecodeWork<ProgramTrade>(ProgramTrade.Nxt, Samples.ProgramOnNxt, [2, 6, 7], Samples.ReadAll));
        await AddAsync(new DecodeWork<ProgramTrade>(ProgramTrade.Consolidated, Samples.ProgramOfBoth, [2, 6, 7], Samples.ReadAll));
        await AddAsync(new DecodeWork<OrderNotice>(OrderNotice.Feed, Samples.Notice, [8, 9, 15], Samples.ReadAll));
        await AddAsync(new DecodeWork<StockTrade>(StockTrade.Krx, Samples.StockTrade, [2, 12, 13], Samples.ReadAll));
        await AddAsync(new DecodeWork<StockOrderBook>(StockOrderBook.Krx, Samples.StockBook, [3, 13, 43], Samples.ReadAll));
        await AddAsync(new DecodeWork<StockOrderNotice>(StockOrderNotice.Feed, Samples.StockNotice, [9, 10, 16], Samples.ReadAll));
        targets.Add(
            new Target(DecodeNames.AllocatedForTyped, rows.Max(row => row[DecodeNames.AllocatedForTyped]), " bytes", Bound.AtMost, 0));
        IEnumerable<string> inPython = python.Select(p => $"{index.Subject}, {p.Name}: {ComparisonTable.Text(p[DecodeNames.Frame])} ns");
        yield return new Comparison("a frame", rows, targets, [.. inPython, .. note.Length > 0 ? [note] : Array.Empty<string>()]);

        using var notice = new NoticeWork();
        var decrypted = await rounds.RunAsync(notice.Subject, notice.Candidates, Rounds, TimedLoop.WarmUp, cancellationToken);
        var cost = Of(decrypted, NoticeWork.Typed) / Of(decrypted, NoticeWork.Aes);
        yield return new Comparison(
            notice.Subject, decrypted, [new Target("a notice against its AES decryption", cost, "×", Bound.AtMost, NoticeOverAes)], []);

        void AddIndex(string vectors, IReadOnlyList<CandidateResult> results, double timesSplit)
        {
            rows.Add(RowOf($"{index.Subject}, {vectors}", results));
            targets.AddRange(IndexTargets(vectors, results, timesSplit));
        }

        async Task AddAsync<TRecord>(DecodeWork<TRecord> work)
            where TRecord : struct, IFeedRecord<TRecord> =>
            rows.Add(
                RowOf(work.Subject, await rounds.RunAsync(work.Subject, work.Candidates, Rounds, TimedLoop.WarmUp, cancellationToken)));
    }

    private static Target[] IndexTargets(string vectors, IReadOnlyList<CandidateResult> results, double timesSplit)
    {
        var (typed, split, scan) = (Of(results, DecodeNames.Typed), Of(results, DecodeNames.Split), Of(results, DecodeNames.Scan));
        return
        [
            new($"{vectors}: typed against Split and decimal.Parse", split / typed, "×", Bound.AtLeast, timesSplit),
            new(
                $"{vectors}: located and three read against them", split / Of(results, DecodeNames.ThreeOfAll), "×", Bound.AtLeast,
                TimesSplitForThree),
            new($"{vectors}: typed against the limit", typed / scan, "×", Bound.AtMost, TimesScan),
        ];
    }

    // One row of the table: the time of each candidate, and the allocations that are not always zero.
    private static CandidateResult RowOf(string subject, IReadOnlyList<CandidateResult> results) => new(
        subject,
        [
            .. results.Select(result => new Figure(result.Name, "ns", result[DecodeNames.Frame])),
            new Figure(DecodeNames.AllocatedForTyped, "bytes", results.First(r => r.Name == DecodeNames.Typed)[DecodeNames.Allocated]),
            new Figure("allocated by Split", "bytes", results.First(r => r.Name == DecodeNames.Split)[DecodeNames.Allocated]),
        ]);

    private static double Of(IReadOnlyList<CandidateResult> results, string name) => results.First(s => s.Name == name)[DecodeNames.Frame];

    // Affects all candidates, because the framework's own searches use vectors too.
    private static async Task<IReadOnlyList<CandidateResult>> WithoutAsync(
        string variable, bool isBrief, CancellationToken cancellationToken)
    {
        var options = new ProcessOptions { Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [variable] = "0" } };
        string[] arguments =
        [
            "exec",
            Assembly.GetEntryAssembly()!.Location,
            DecodeOnceCommand.Word,
            .. isBrief ? [BriefOption.Name] : Array.Empty<string>(),
        ];
        var output = await ProcessRunner.RunAsync(
            "dotnet", arguments, Timeout.InfiniteTimeSpan, options, cancellationToken: cancellationToken);
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
    public const string AllocatedForTyped = "allocated for a typed record";
}
