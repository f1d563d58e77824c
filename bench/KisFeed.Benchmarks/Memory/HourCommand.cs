using System.CommandLine;
using System.Globalization;
using KisFeed.Benchmarks.Serving;

namespace KisFeed.Benchmarks.Memory;

/// <summary><c>hour</c>: what a client takes when it runs for long.</summary>
internal sealed class HourCommand : Command, IHasExamples
{
    private static readonly TimeSpan s_lead = TimeSpan.FromSeconds(10);

    private readonly Option<int> _minutes = new("--minutes") { Description = "How long.", DefaultValueFactory = _ => 60 };
    private readonly Option<double> _rate = new("--rate") { Description = "Frames a second.", DefaultValueFactory = _ => 20_000 };
    private readonly Option<bool> _json = new("--json") { Description = "A JSON document a line: one for each minute, the last for the whole." };

    public HourCommand()
        : base("hour", "Runs a client for an hour beside a market in a process of its own, and tells every minute what memory it takes. Ends with 1 where anything was lost.")
    {
        _minutes.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--minutes is 1 or more.");
        });
        _rate.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 1 and <= 1_000_000))
                result.AddError("--rate is from 1 to 1000000.");
        });
        Add(_minutes);
        Add(_rate);
        Add(_json);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("hour", "an hour at 20,000 frames a second"),
        ("hour --minutes 5 --rate 2000 --json", "five minutes at a tenth of that, for a program to read"),
    ];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (minutes, rate) = (arguments.GetValue(_minutes), arguments.GetValue(_rate));
        var report = new HourReport(arguments.GetValue(_json));
        await using var market = await ServerProcess.StartOwnAsync([PacedMarketCommand.Word, rate.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        await using var client = await HourClient.StartAsync(market.Url, cancellationToken);
        report.Begin(rate);
        try
        {
            await Task.Delay(s_lead, cancellationToken);
            var meter = new HourMeter(client);
            using var everyMinute = new PeriodicTimer(TimeSpan.FromMinutes(1));
            for (var minute = 0; minute < minutes && await everyMinute.WaitForNextTickAsync(cancellationToken); minute++)
                report.Add(meter.Next());
        }
        catch (OperationCanceledException)
        {
            // Interrupted: what there is so far is told.
        }

        report.End();
        return report.IsWhole ? 0 : 1;
    }
}
