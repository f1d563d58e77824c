using System.CommandLine;
using System.Globalization;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

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
