using System.CommandLine;
using KisFeed.Gateway.Delay;

var rate = new Option<int>("--rate") { Description = "Frames a second, each of one record.", DefaultValueFactory = _ => 2_000 };
var seconds = new Option<int>("--seconds") { Description = "How long each run is measured, after it has warmed up.", DefaultValueFactory = _ => 20 };
var consumers = new Option<int>("--consumers") { Description = "Consumers: half in the broker's protocol, half server-sent events.", DefaultValueFactory = _ => 20 };
var deaf = new Option<int>("--deaf") { Description = "How many of them stop reading, in every second run; half of each kind.", DefaultValueFactory = _ => 2 };
var rounds = new Option<int>("--rounds") { Description = "How often both are measured, one after the other.", DefaultValueFactory = _ => 2 };
var idle = new Option<int>("--idle") { Description = "Measure instead what so many idle connections of each kind take.", DefaultValueFactory = _ => 0 };
var streams = new Option<int>("--streams") { Description = "Measure instead so many streams of server-sent events of consumers with tokens, all of which get every frame.", DefaultValueFactory = _ => 0 };
var attack = new Option<string?>("--attack") { Description = "Measure instead what an attack does to a consumer that reads, beside quiet runs: its name, or all.", HelpName = "NAME" };
var command = new RootCommand("Measures how long 'kisfeed gateway' takes to deliver, with and without consumers that have stopped reading; and what idle connections take.")
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
    Deaf = arguments.GetValue(deaf),
    Rounds = arguments.GetValue(rounds),
};
