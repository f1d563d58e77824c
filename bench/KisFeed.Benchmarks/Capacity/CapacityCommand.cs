using System.CommandLine;
using System.Globalization;

namespace KisFeed.Benchmarks.Capacity;

/// <summary><c>capacity</c>: what a cluster of each size needs, and what breaks first as it grows.</summary>
internal sealed class CapacityCommand : Command, IHasExamples
{
    private readonly Option<bool> _measure = new("--measure") { Description = "Measure the costs of RabbitMQ and PostgreSQL on this machine, within five minutes." };
    private readonly Option<double> _rate = new("--frames-per-key") { Description = "Frames a second of each key in the busiest minutes.", DefaultValueFactory = _ => CapacityStep.DefaultFramesPerKey };

    public CapacityCommand()
        : base("capacity", "Calculates what clusters of several sizes need, and what breaks first, from measured costs.")
    {
        Add(_measure);
        Add(_rate);
        SetAction(RunAsync);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("capacity", "the tables of docs/capacity.md"),
        ("capacity --frames-per-key 10", "the same in a busier market"),
        ("capacity --measure", "the costs of RabbitMQ and PostgreSQL"),
    ];

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_measure))
        {
            var machine = Comparing.Machine.Current();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{machine.Processor}, {machine.Cores} cores; {machine.Runtime}; {machine.Date:yyyy-MM-dd HH:mm} UTC; load average {LoadAverage()}"));
            await RabbitMqCosts.MeasureAsync(Console.Out, cancellationToken);
            await CoordinationCosts.MeasureAsync(Console.Out, cancellationToken);
            await CoordinationStart.MeasureAsync(Console.Out, cancellationToken);
            Console.WriteLine($"load average {LoadAverage()}");
            return 0;
        }

        CapacityTable.Write(Console.Out, CapacityStep.All(arguments.GetValue(_rate)));
        return 0;
    }

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "unknown";
}
