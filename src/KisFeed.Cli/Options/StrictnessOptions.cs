using KisFeed.Simulator;

namespace KisFeed.Cli.Options;

/// <summary>How strictly a simulator treats its clients.</summary>
internal sealed class StrictnessOptions
{
    private readonly Option<TimeSpan?> _heartbeat = CommonOptions.DurationOrOff("--heartbeat", "Time from the answer to one heartbeat "
        + $"(PINGPONG) to the next. [{DurationText.Format(SimulatorOptions.Default.HeartbeatInterval)}]");
    private readonly Option<TimeSpan?> _heartbeatTimeout = CommonOptions.DurationOrOff("--heartbeat-timeout", "Close a client that does "
        + $"not answer a heartbeat within this time. [{DurationText.Format(SimulatorOptions.Default.HeartbeatTimeout)}]");
    private readonly ChoiceOption<Strictness> _pong = new(
        "--pong", "Disconnect a client that sends pong frames without a heartbeat, or ignore such frames. [strict]", preset: null);
    private readonly ChoiceOption<Strictness> _requests = new(
        "--requests", "Refuse requests whose tr_type or tr_key is a JSON number, or accept them. [strict]", preset: null);
    private readonly ChoiceOption<ConnectionEnding> _inUse = new(
        "--in-use",
        "How a connection ends after ALREADY IN USE appkey: without a close frame, or with one of status 1000.",
        ConnectionEnding.Abort);
    private readonly SwitchOption _lenient = new("--lenient", "The same as --heartbeat-timeout off --pong lenient --requests lenient.");

    public Option[] All => [_lenient, _heartbeat, _heartbeatTimeout, _pong, _requests, _inUse];

    public SimulatorOptions Apply(ParseResult arguments, SimulatorOptions options)
    {
        var isLenient = arguments.GetValue(_lenient);
        return options with
        {
            HeartbeatInterval = arguments.GetValue(_heartbeat) ?? options.HeartbeatInterval,
            HeartbeatTimeout = arguments.GetValue(_heartbeatTimeout) ?? (isLenient ? Timeout.InfiniteTimeSpan : options.HeartbeatTimeout),
            AllowUnsolicitedPongs = IsLenient(_pong),
            AllowNumbers = IsLenient(_requests),
            AppKeyInUseEnding = _inUse.Read(arguments),
        };

        bool IsLenient(ChoiceOption<Strictness> option) =>
            arguments.IsGiven(option) ? option.Read(arguments) == Strictness.Lenient : isLenient;
    }
}

internal enum Strictness
{
    Strict,
    Lenient,
}
