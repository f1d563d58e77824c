using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace KisFeed.Benchmarks.Capacity;

/// <summary><c>capacity</c>: what a cluster of each size needs, and what breaks first as it grows.</summary>
internal sealed class CapacityCommand : Command, IHasExamples
{
    private readonly Option<double> _rate = new("--frames-per-key")
    {
        Description = "Frames a second of the key of a stock in the busiest minutes.",
        DefaultValueFactory = _ => CapacityStep.DefaultFramesPerKey,
    };
    private readonly Option<int> _streams = new("--partitions")
    {
        Description = "The number of streams, from 1 to 64.",
        DefaultValueFactory = _ => CapacityCosts.DefaultStreams,
    };
    private readonly Option<double> _cores = new("--cores") { Description = "The cores of each machine.", DefaultValueFactory = _ => 4 };
    private readonly Option<double> _gigabits =
        new("--gigabits") { Description = "The network of each machine, Gbit/s.", DefaultValueFactory = _ => 1 };

    public CapacityCommand()
        : base("capacity", "Calculates what clusters of several sizes need, and what breaks first, from measured costs.")
    {
        Add(_rate);
        Add(_streams);
        Add(_cores);
        Add(_gigabits);
        foreach (var option in new Option<double>[] { _rate, _cores, _gigabits })
            option.Validators.Add(result => RequireAbove0(result, result.GetValue(option)));
        _streams.Validators.Add(result =>
        {
            if (result.GetValue(_streams) is < 1 or > CapacityCosts.MaxStreams)
                result.AddError($"{_streams.Name} must be from 1 to {CapacityCosts.MaxStreams}.");
        });
        SetAction(Run);
        var measure = new Command("measure", "Measures the costs of RabbitMQ and PostgreSQL on this machine, within five minutes.");
        measure.SetAction(MeasureAsync);
        Add(measure);
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("capacity", "the tables of docs/capacity.md"),
        ("capacity --frames-per-key 10", "the same in a busier market"),
        ("capacity --partitions 16 --cores 16 --gigabits 10", "the same with more streams and larger machines"),
        ("capacity measure", "the costs of RabbitMQ and PostgreSQL"),
    ];

    private static async Task MeasureAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var here = Comparing.Machine.Current();
        var isBrief = arguments.IsBrief();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{here.Processor}, {here.Cores} cores; {here.Runtime}; {here.Date:yyyy-MM-dd HH:mm} UTC; load average {here.Load}"));
        await RabbitMqCosts.MeasureAsync(Console.Out, isBrief, cancellationToken);
        await CoordinationCosts.MeasureAsync(Console.Out, isBrief, cancellationToken);
        await CoordinationStart.MeasureAsync(Console.Out, isBrief, cancellationToken);
        Console.WriteLine($"load average {Comparing.Machine.Current().Load}");
    }

    private void Run(ParseResult arguments)
    {
        var steps = CapacityStep.All(arguments.GetValue(_rate));
        var machine = new CapacityMachine(arguments.GetValue(_cores), arguments.GetValue(_gigabits));
        CapacityTable.Write(
            Console.Out,
            [.. steps.Select(step => CapacityCluster.Of(step, arguments.GetValue(_streams), machine, machine, machine, machine))]);
        CapacityTable.WritePlans(Console.Out, [.. steps.Select(CapacityPlan.Find).OfType<CapacityCluster>()]);
    }

    private static void RequireAbove0(OptionResult result, double value)
    {
        if (!(value > 0))
            result.AddError($"{result.Option.Name} must be above 0.");
    }
}
