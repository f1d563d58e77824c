using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>The gateway compared with a bare broadcast: deliveries, delay and CPU with one consumer and with many.</summary>
internal sealed class FanoutSuite : IBenchmarkSuite
{
    public const string Deliveries = "deliveries a second";
    public const string Processor = "CPU a delivery";

    private const string Ours = "kisfeed gateway";
    private const string Bare = "bare broadcast";

    private static readonly (int Consumers, int Rate, int Rounds, bool HasTargets)[] s_subjects =
    [
        (1, 500, 2, false),
        (50, 500, 2, false),
        (200, 500, 3, true),
        (500, 200, 3, true),
    ];

    private static readonly (int Consumers, int Rate, int Rounds, bool HasTargets)[] s_brief = [(20, 100, 1, true)];

    private static readonly TimeSpan s_free = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_paced = TimeSpan.FromMilliseconds(800);

    public string Name => "fanout";

    public string Description => "one upstream to many consumers, compared with a channel, a pump and one SendAsync per frame for each";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var gateway = await FanoutServer.StartGatewayAsync(cancellationToken);
        await using var bare = await FanoutServer.StartBareAsync(cancellationToken);
        List<CandidateResult> rows = [];
        List<Target> targets = [];
        List<string> notes = [];
        foreach (var (consumers, rate, count, hasTargets) in rounds.IsBrief ? s_brief : s_subjects)
        {
            using var ofGateway = await FanoutConsumerGroup.ConnectAsync(gateway, consumers, cancellationToken);
            using var ofBare = await FanoutConsumerGroup.ConnectAsync(bare, consumers, cancellationToken);
            var results = await rounds.RunAsync(
                $"fanout: {consumers} consumers",
                [
                    new Candidate(Ours, ending => ofGateway.RoundAsync(rate, s_free, s_paced, ending)),
                    new Candidate(Bare, ending => ofBare.RoundAsync(rate, s_free, s_paced, ending)),
                ],
                count,
                cancellationToken);
            var pace = new Figure("paced: rate", "frames/s", rate);
            rows.AddRange(results.Select(result => new CandidateResult($"{consumers}: {result.Name}", [.. result.Medians, pace])));
            if (hasTargets)
            {
                targets.AddRange(
                    TargetsOf(results[0], results[1]).Select(target => target with { Claim = $"{consumers}: {target.Claim}" }));
            }
            notes.AddRange([.. NotesOf(Ours, ofGateway), .. NotesOf(Bare, ofBare)]);
        }

        yield return new Comparison($"fanout: by the number of consumers, {NumberedFrame.Length} bytes a frame", rows, targets, notes);
    }

    /// <summary>Measures only deliveries at full speed, first of the gateway, then of the bare broadcast.</summary>
    public static async Task<IReadOnlyList<CandidateResult>> MeasureDeliveriesAsync(
        Rounds rounds, int consumers, int count, TimeSpan warmUp, CancellationToken cancellationToken)
    {
        await using var gateway = await FanoutServer.StartGatewayAsync(cancellationToken);
        await using var bare = await FanoutServer.StartBareAsync(cancellationToken);
        using var ofGateway = await FanoutConsumerGroup.ConnectAsync(gateway, consumers, cancellationToken);
        using var ofBare = await FanoutConsumerGroup.ConnectAsync(bare, consumers, cancellationToken);
        return await rounds.RunAsync(
            $"fanout: {consumers} consumers",
            [
                new Candidate(Ours, ending => ofGateway.RoundAsync(rate: 1, s_free, TimeSpan.Zero, ending)),
                new Candidate(Bare, ending => ofBare.RoundAsync(rate: 1, s_free, TimeSpan.Zero, ending)),
            ],
            count,
            warmUp,
            cancellationToken);
    }

    private static Target[] TargetsOf(CandidateResult ours, CandidateResult bare) =>
    [
        new("deliveries a second, of the bare broadcast's", ours[Deliveries] / bare[Deliveries], "×", Bound.AtLeast, 3),
        new("CPU a delivery, of the bare broadcast's", ours[Processor] / bare[Processor], "×", Bound.AtMost, 0.5),
        new("CPU at the same rate, of the bare broadcast's", ours["paced: CPU"] / bare["paced: CPU"], "×", Bound.AtMost, 1),
    ];

    private static IEnumerable<string> NotesOf(string name, FanoutConsumerGroup crowd) =>
        crowd is { Missing: 0, Closed: 0 } ? [] : [$"{name}: {crowd.Missing} frames were not delivered in all rounds, and {crowd.Closed} "
            + "consumers were closed. Undelivered frames are not counted."];
}
