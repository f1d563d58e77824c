using System.CommandLine;
using KisFeed.Gateway.Delay;

var rate = new Option<int>("--rate") { Description = "Frames per second, each with one record.", DefaultValueFactory = _ => 2_000 };
var seconds = new Option<int>("--seconds") { Description = "Measured time of each run, after the warm-up.", DefaultValueFactory = _ => 20 };
var consumers = new Option<int>("--consumers") { Description = "Number of consumers, half in the broker's protocol, half server-sent events.", DefaultValueFactory = _ => 20 };
var deaf = new Option<int>("--deaf") { Description = "Number of consumers that stop reading in every second run, half of each kind.", DefaultValueFactory = _ => 2 };
var rounds = new Option<int>("--rounds") { Description = "Number of pairs of runs.", DefaultValueFactory = _ => 2 };
var idle = new Option<int>("--idle") { Description = "Measure the memory of this many idle connections of each kind instead.", DefaultValueFactory = _ => 0 };
var streams = new Option<int>("--streams") { Description = "Measure this many streams of server-sent events of consumers with tokens instead; each receives every frame.", DefaultValueFactory = _ => 0 };
var attack = new Option<string?>("--attack") { Description = "Measure the effect of an attack on a consumer instead, compared with quiet runs: its name, or all.", HelpName = "NAME" };
var command = new RootCommand("Measures the delay of 'kisfeed gateway' with and without consumers that have stopped reading, and the memory of idle connections.")
{
    rate,
    seconds,
    consumers,
    deaf,
    rounds,
    idle,
    streams,
    attack,
};
command.SetAction((arguments, _) => arguments.GetValue(idle) is > 0 and var count
    ? IdleConnections.MeasureAsync(count)
    : arguments.GetValue(streams) is > 0 and var many
    ? ManyStreams.MeasureAsync(many, Options(arguments))
    : arguments.GetValue(attack) is { } name
    ? AttackRuns.MeasureAsync(name, Options(arguments))
    : Deliveries.MeasureAsync(Options(arguments)));
return await command.Parse(args).InvokeAsync();

DeliveryOptions Options(ParseResult arguments) => new()
{
    Rate = arguments.GetValue(rate),
    Measured = TimeSpan.FromSeconds(arguments.GetValue(seconds)),
    Consumers = arguments.GetValue(consumers),
    NonReaders = arguments.GetValue(deaf),
    Rounds = arguments.GetValue(rounds),
};
