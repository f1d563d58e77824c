using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>The gateway beside a bare broadcast: deliveries a second, delay, and what they cost, with one consumer and with many.</summary>
internal sealed class FanoutContest : IContest
{
    private const string Ours = "kisfeed gateway";
    private const string Bare = "bare broadcast";

    private static readonly (int Consumers, int Rate, int Rounds, bool HasTargets)[] s_subjects =
    [
        (1, 500, 2, false),
        (50, 500, 2, false),
        (200, 500, 3, true),
        (500, 200, 3, true),
    ];

    private static readonly TimeSpan s_free = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_paced = TimeSpan.FromMilliseconds(800);

    public string Name => "fanout";

    public string Description => "one upstream to many consumers, beside a channel, a pump and one SendAsync a frame for each";

    public async IAsyncEnumerable<Comparison> RunAsync(Rounds rounds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var gateway = await FanoutServer.StartGatewayAsync(cancellationToken);
        await using var bare = await FanoutServer.StartBareAsync(cancellationToken);
        foreach (var (consumers, rate, count, hasTargets) in s_subjects)
        {
            using var ofGateway = await FanoutCrowd.ConnectAsync(gateway, consumers, cancellationToken);
            using var ofBare = await FanoutCrowd.ConnectAsync(bare, consumers, cancellationToken);
            var subject = $"fanout: {consumers} consumers, {NumberedFrame.Length} bytes a frame; paced: {rate} frames a second";
            var standings = await rounds.RunAsync(
                subject,
                [
                    new Contestant(Ours, ending => ofGateway.RoundAsync(rate, s_free, s_paced, ending)),
                    new Contestant(Bare, ending => ofBare.RoundAsync(rate, s_free, s_paced, ending)),
                ],
                count,
                cancellationToken);
            yield return new Comparison(subject, standings, hasTargets ? TargetsOf(standings[0], standings[1]) : [], [.. NotesOf(Ours, ofGateway), .. NotesOf(Bare, ofBare)]);
        }
    }

    private static Target[] TargetsOf(Standing ours, Standing bare) =>
    [
        new("deliveries a second, of the bare broadcast's", ours["deliveries a second"] / bare["deliveries a second"], "×", Bound.AtLeast, 1.5),
        new("CPU a delivery, of the bare broadcast's", ours["CPU a delivery"] / bare["CPU a delivery"], "×", Bound.AtMost, 1),
        new("CPU at the same rate, of the bare broadcast's", ours["paced: CPU"] / bare["paced: CPU"], "×", Bound.AtMost, 1),
    ];

    private static IEnumerable<string> NotesOf(string name, FanoutCrowd crowd) =>
        crowd is { Missing: 0, Closed: 0 } ? [] : [$"{name}: over all rounds {crowd.Missing} frames did not reach consumers, {crowd.Closed} of whom were closed. They are not among the deliveries."];
}

/// <summary><c>fanout-load</c>: one server under the load of the contest and nothing else, for a profiler.</summary>
internal sealed class FanoutLoadCommand : Command
{
    private const string Gateway = "gateway";
    private const string Bare = "bare";
    private const int NoRate = 500;

    private readonly Argument<string> _server = new("server") { Description = "Which server." };
    private readonly Argument<int> _consumers = new("consumers") { Description = "How many read." };
    private readonly Argument<double> _seconds = new("seconds") { Description = "How long." };
    private readonly Option<int?> _rate = new("--rate") { Description = "Frames a second. Default: as fast as consumers read." };

    public FanoutLoadCommand()
        : base("fanout-load", "Puts one server under the load of 'compare fanout'. Prints its process ID before, and the figures after.")
    {
        Hidden = true;
        _server.AcceptOnlyFromAmong(Gateway, Bare);
        Add(_server);
        Add(_consumers);
        Add(_seconds);
        Add(_rate);
        SetAction(RunAsync);
    }

    private async Task RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var server = arguments.GetValue(_server) == Bare ? await FanoutServer.StartBareAsync(cancellationToken) : await FanoutServer.StartGatewayAsync(cancellationToken);
        using var crowd = await FanoutCrowd.ConnectAsync(server, arguments.GetValue(_consumers), cancellationToken);
        Console.WriteLine(server.Process.Id);
        var (time, none) = (TimeSpan.FromSeconds(arguments.GetValue(_seconds)), TimeSpan.Zero);
        var rate = arguments.GetValue(_rate);
        IReadOnlyList<Figure> figures = await crowd.RoundAsync(rate ?? NoRate, rate is null ? time : none, rate is null ? none : time, cancellationToken);
        foreach (var figure in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name}: {figure.Value:N2} {figure.Unit}"));
    }
}
