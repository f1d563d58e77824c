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
var past = new Option<int>("--past") { Description = "Measure the effect of this many readers of the recorded past on live consumers instead.", DefaultValueFactory = _ => 0 };
var pastMemory = new Option<bool>("--past-memory") { Description = "Measure the memory of the gateway while one reader streams a recording of --frames instead." };
var json = new Option<bool>("--json") { Description = "With --past: the readers get server-sent events instead of lines of a capture." };
var frames = new Option<long?>("--frames") { Description = "Frames of the recording [1,000,000; with --past-memory 5,000,000]." };
var edge = new Option<bool>("--edge") { Description = "Measure an edge gateway of a RabbitMQ node instead, beside a bare program and a gateway with a session; the exit code is 1 if a goal is not met." };
var command = new RootCommand("Measures the delay of 'kisfeed gateway' with and without consumers that have stopped reading, and the memory of idle connections.")
{
    PastReading.Command(),
    rate,
    seconds,
    consumers,
    deaf,
    rounds,
    idle,
    streams,
    attack,
    past,
    pastMemory,
    json,
    frames,
    edge,
};
command.SetAction((arguments, _) => arguments.GetValue(idle) is > 0 and var count
    ? IdleConnections.MeasureAsync(count)
    : arguments.GetValue(streams) is > 0 and var many
    ? ManyStreams.MeasureAsync(many, Options(arguments))
    : arguments.GetValue(attack) is { } name
    ? AttackRuns.MeasureAsync(name, Options(arguments))
    : arguments.GetValue(past) is > 0 and var readers
    ? PastReaders.MeasureAsync(readers, arguments.GetValue(json), arguments.GetValue(frames) ?? 1_000_000, Options(arguments))
    : arguments.GetValue(pastMemory)
    ? PastMemory.MeasureAsync(arguments.GetValue(frames) ?? 5_000_000)
    : arguments.GetValue(edge)
    ? EdgeDelays.MeasureAsync(Options(arguments))
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
