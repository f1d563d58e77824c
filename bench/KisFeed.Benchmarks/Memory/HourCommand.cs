using System.CommandLine;
using System.Globalization;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Memory;

/// <summary><c>hour</c>: the memory of a client over a long time.</summary>
internal sealed class HourCommand : Command, IHasExamples
{
    private static readonly TimeSpan s_lead = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_brief = TimeSpan.FromSeconds(1);

    private readonly Option<int> _minutes = new("--minutes") { Description = "Duration.", DefaultValueFactory = _ => 60 };
    private readonly Option<double> _rate = new("--rate") { Description = "Frames per second.", DefaultValueFactory = _ => 20_000 };
    private readonly Option<bool> _json = new("--json") { Description = "JSON lines: one for each minute, and a summary." };

    public HourCommand()
        : base("hour", "Runs a client for an hour against a market in another process and prints its memory every minute. "
            + "Exits with 1 if data were lost.")
    {
        _minutes.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--minutes must be at least 1.");
        });
        _rate.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 1 and <= 1_000_000))
                result.AddError("--rate must be from 1 to 1000000.");
        });
        Add(_minutes);
        Add(_rate);
        Add(_json);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("hour", "an hour at 20,000 frames per second"),
        ("hour --minutes 5 --rate 2000 --json", "five minutes at 2,000 frames per second, as JSON"),
    ];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var isBrief = arguments.IsBrief();
        var (minutes, rate) = (isBrief ? 1 : arguments.GetValue(_minutes), arguments.GetValue(_rate));
        var report = new HourReport(arguments.GetValue(_json));
        await using var market = await ServerProcess.StartOwnAsync(
            [PacedMarketCommand.Word, rate.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        await using var client = await HourClient.StartAsync(market.Url, cancellationToken);
        report.Begin(rate);
        try
        {
            await Task.Delay(isBrief ? s_brief : s_lead, cancellationToken);
            var meter = new HourMeter(client);
            using var everyMinute = new PeriodicTimer(isBrief ? s_brief : s_minute);
            for (var minute = 0; minute < minutes && await everyMinute.WaitForNextTickAsync(cancellationToken); minute++)
                report.Add(meter.Next());
        }
        catch (OperationCanceledException)
        {
            // Interrupted: the minutes so far are reported.
        }

        report.End();
        return report.IsWhole ? 0 : 1;
    }
}
