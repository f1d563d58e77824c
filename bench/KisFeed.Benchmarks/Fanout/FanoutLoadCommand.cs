using System.CommandLine;
using System.Globalization;
using KisFeed.Benchmarks.Comparing;

namespace KisFeed.Benchmarks.Fanout;

/// <summary><c>fanout-load</c>: one server under the suite's load, for a profiler.</summary>
internal sealed class FanoutLoadCommand : Command
{
    private const string Gateway = "gateway";
    private const string Bare = "bare";
    private const int NoRate = 500;

    private readonly Argument<string> _server = new("server") { Description = "The server.", DefaultValueFactory = _ => Gateway };
    private readonly Argument<int> _consumers = new("consumers") { Description = "Number of consumers.", DefaultValueFactory = _ => 200 };
    private readonly Argument<double> _seconds = new("seconds") { Description = "Duration.", DefaultValueFactory = _ => 20 };
    private readonly Option<int?> _rate = new("--rate") { Description = "Frames per second. [default: as fast as consumers read]" };

    public FanoutLoadCommand()
        : base("fanout-load", "Runs one server under the load of 'compare fanout'. Prints its process ID first and the figures at the end.")
    {
        _server.AcceptOnlyFromAmong(Gateway, Bare);
        Add(_server);
        Add(_consumers);
        Add(_seconds);
        Add(_rate);
        SetAction(RunAsync);
    }

    private async Task RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var server = arguments.GetValue(_server) == Bare
            ? await FanoutServer.StartBareAsync(cancellationToken)
            : await FanoutServer.StartGatewayAsync(cancellationToken);
        using var crowd = await FanoutConsumerGroup.ConnectAsync(
            server, arguments.IsBrief() ? 20 : arguments.GetValue(_consumers), cancellationToken);
        Console.WriteLine(server.Process.Id);
        var (time, none) = (TimeSpan.FromSeconds(arguments.IsBrief() ? 1 : arguments.GetValue(_seconds)), TimeSpan.Zero);
        var rate = arguments.GetValue(_rate);
        IReadOnlyList<Figure> figures = await crowd.RoundAsync(
            rate ?? NoRate, rate is null ? time : none, rate is null ? none : time, cancellationToken);
        foreach (var figure in figures)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name}: {figure.Value:N2} {figure.Unit}"));
    }
}
