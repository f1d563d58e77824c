using System.CommandLine;
using KisFeed.Hostile.Attacks;

namespace KisFeed.Benchmarks.Delay;

/// <summary><c>delay</c>: the delay of frames through a gateway in its own process, undisturbed and under several loads.</summary>
internal sealed class DelayCommand : Command, IHasExamples
{
    public const string Word = "delay";

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_briefPause = TimeSpan.FromMilliseconds(50);

    private readonly Option<int> _rate =
        new("--rate") { Description = "Frames per second, each with one record.", DefaultValueFactory = _ => 2_000, Recursive = true };
    private readonly Option<int> _seconds =
        new("--seconds") { Description = "Measured time of each run, after the warm-up.", DefaultValueFactory = _ => 20, Recursive = true };
    private readonly Option<int> _consumers =
        new("--consumers") { Description = "Number of consumers.", DefaultValueFactory = _ => 20, Recursive = true };
    private readonly Option<int> _rounds =
        new("--rounds") { Description = "Number of rounds of alternating runs.", DefaultValueFactory = _ => 2, Recursive = true };

    public DelayCommand()
        : base(Word, "Measures the delay of 'kisfeed gateway' undisturbed and under a load. Exits with 1 if frames are missing.")
    {
        Add(_rate);
        Add(_seconds);
        Add(_consumers);
        Add(_rounds);
        Add(Stalled());
        Add(Streams());
        Add(Attack());
        Add(Past());
        Add(PastMemoryUse());
        Add(Edge());
        Add(PastReading.Command());
    }

    public IReadOnlyList<(string Line, string Purpose)> Examples =>
    [
        ("delay stalled --rounds 3", "consumers that stop reading"),
        ("delay attack all --rounds 3 --seconds 6", "every attack"),
        ("delay past --rounds 11 --seconds 5", "readers of the recorded past"),
        ("delay edge --rate 5000 --seconds 30 --rounds 6 --consumers 4", "an edge gateway of a RabbitMQ node"),
    ];

    private Command Stalled()
    {
        var deaf = new Option<int>("--deaf")
        {
            Description = "Number of consumers that stop reading in every second run, half of each kind.",
            DefaultValueFactory = _ => 2,
        };
        var command = new Command("stalled", "The effect of consumers that stop reading on the others, half in the broker's "
            + "protocol, half server-sent events.") { deaf };
        command.SetAction((arguments, _) => Deliveries.MeasureAsync(OptionsOf(arguments) with { NonReaders = arguments.GetValue(deaf) }));
        return command;
    }

    private Command Streams()
    {
        const int Brief = 60;
        var count = new Option<int>("--count") { Description = "Number of streams.", DefaultValueFactory = _ => 2_000 };
        var command = new Command("streams", "Streams of server-sent events of consumers with tokens: the memory of each, and the delay "
            + "when each receives every frame.") { count };
        command.SetAction(
            (arguments, _) => ManyStreams.MeasureAsync(arguments.IsBrief() ? Brief : arguments.GetValue(count), OptionsOf(arguments)));
        return command;
    }

    private Command Attack()
    {
        const string All = "all";
        var name = new Argument<string>("name") { Description = "The attack.", DefaultValueFactory = _ => All };
        name.AcceptOnlyFromAmong([All, .. AttackList.Create().Select(attack => attack.Name)]);
        var command = new Command("attack", "The effect of attacks on one consumer, compared with quiet runs.") { name };
        command.SetAction((arguments, _) => AttackRuns.MeasureAsync(arguments.GetRequiredValue(name), OptionsOf(arguments)));
        return command;
    }

    private Command Past()
    {
        var (readers, json, frames) = (Readers(),
            new Option<bool>("--json") { Description = "Server-sent events instead of lines of a capture." }, FramesOf(1_000_000));
        var command = new Command("past", "The effect of readers of the recorded past on live consumers.") { readers, json, frames };
        command.SetAction((arguments, _) => arguments.IsBrief()
            ? PastReaders.MeasureAsync(4, arguments.GetValue(json), 20_000, OptionsOf(arguments))
            : PastReaders.MeasureAsync(
                arguments.GetValue(readers), arguments.GetValue(json), arguments.GetValue(frames), OptionsOf(arguments)));
        return command;
    }

    private static Command PastMemoryUse()
    {
        var frames = FramesOf(5_000_000);
        var command = new Command("past-memory", "The memory of the gateway while one reader, which often stops, streams a long recording.")
        {
            frames,
        };
        command.SetAction((arguments, _) => arguments.IsBrief()
            ? PastMemory.MeasureAsync(50_000, s_briefPause)
            : PastMemory.MeasureAsync(arguments.GetValue(frames), s_pause));
        return command;
    }

    private Command Edge()
    {
        var command = new Command("edge", "An edge gateway of a RabbitMQ node, beside a bare program and a gateway with a session. "
            + "Exits with 1 also if a goal is not met.");
        command.SetAction((arguments, _) => EdgeDelays.MeasureAsync(OptionsOf(arguments)));
        return command;
    }

    private static Option<int> Readers() => new("--readers") { Description = "Number of readers.", DefaultValueFactory = _ => 100 };

    private static Option<long> FramesOf(long usual) =>
        new("--frames") { Description = "Frames of the recording.", DefaultValueFactory = _ => usual };

    private DeliveryOptions OptionsOf(ParseResult arguments) => arguments.IsBrief()
        ? new DeliveryOptions
        {
            Rate = 500,
            Measured = TimeSpan.FromSeconds(1),
            WarmUp = TimeSpan.FromSeconds(2),
            Consumers = 4,
            NonReaders = 2,
            Rounds = 1,
            IsBrief = true,
        }
        : new DeliveryOptions
        {
            Rate = arguments.GetValue(_rate),
            Measured = TimeSpan.FromSeconds(arguments.GetValue(_seconds)),
            Consumers = arguments.GetValue(_consumers),
            NonReaders = 0,
            Rounds = arguments.GetValue(_rounds),
        };
}
