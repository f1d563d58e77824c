using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using KisFeed.Simulation.Plans;
using KisFeed.Simulation.Running;

namespace KisFeed.Simulation.Command;

/// <summary><c>kisfeed-simtest</c>: runs the requested number of seeds and reports the first failure.</summary>
internal sealed class SimtestCommand : RootCommand
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int Interrupted = 130;

    private readonly Option<long> _seeds =
        new("--seeds") { Description = "The number of seeds.", HelpName = "N", DefaultValueFactory = _ => 20_000 };
    private readonly Option<long> _from = new("--from") { Description = "The first seed.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<double?> _seconds = new("--seconds") { Description = "Stop after this many seconds.", HelpName = "S" };
    private readonly Option<long?> _seed = new("--seed") { Description = "Run only this seed.", HelpName = "N" };
    private readonly Option<bool> _trace = new("--trace") { Description = "Print the events. Requires --seed." };

    public SimtestCommand()
        : base("Run the session core against a modelled broker in virtual time, with a different sequence of events for each seed.")
    {
        Add(_seeds);
        Add(_from);
        Add(_seconds);
        Add(_seed);
        Add(_trace);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken) =>
        arguments.GetValue(_seed) is { } seed
            ? await RunOneAsync(arguments, seed)
            : await RunManyAsync(arguments, cancellationToken);

    private async Task<int> RunOneAsync(ParseResult arguments, long seed)
    {
        var output = arguments.InvocationConfiguration.Output;
        var isTraced = arguments.GetValue(_trace);
        var result = SimulationRun.Run(SimulationPlan.Of(seed), isTraced);
        foreach (var line in result.Trace)
            await output.WriteLineAsync(line);
        await output.WriteLineAsync($"{result.Plan}, {result.Events} events");
        if (!result.IsFailure)
            return Success;
        await output.WriteLineAsync(isTraced ? result.Message : FailureReport.Of(result));
        return Failure;
    }

    private async Task<int> RunManyAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = arguments.InvocationConfiguration.Output;
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (arguments.GetValue(_seconds) is { } seconds)
            source.CancelAfter(TimeSpan.FromSeconds(seconds));
        var run = new SeedRun();
        var watch = Stopwatch.StartNew();
        var running = Task.Run(() => run.Run(arguments.GetValue(_from), arguments.GetValue(_seeds), source.Token), CancellationToken.None);
        await ShowProgressAsync(run, running, watch);
        var failure = await running;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{run.Seeds} seeds, {run.Events} events, "
            + $"{watch.Elapsed.TotalSeconds:0.0} s: {(failure is null ? "nothing failed" : "a failure")}"));
        if (failure is not null)
        {
            await output.WriteLineAsync(FailureReport.Of(failure));
            return Failure;
        }

        return cancellationToken.IsCancellationRequested ? Interrupted : Success;
    }

    private static async Task ShowProgressAsync(SeedRun run, Task running, Stopwatch watch)
    {
        if (Console.IsErrorRedirected)
            return;
        while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(0.5), CancellationToken.None)) != running)
        {
            await Console.Error.WriteAsync(string.Create(
                CultureInfo.InvariantCulture, $"\r{run.Seeds} seeds, {run.Seeds / watch.Elapsed.TotalSeconds:0} per second "));
        }
        await Console.Error.WriteAsync("\r\e[K");
    }
}
