using KisFeed.Simulator;

namespace KisFeed.Cli.Options;

/// <summary>How strictly a simulator treats its clients.</summary>
internal sealed class StrictnessOptions
{
    private readonly Option<TimeSpan?> _heartbeat = CommonOptions.DurationOrOff("--heartbeat", UiText.Of(
        "Time from the answer to one heartbeat (PINGPONG) to the next. "
            + $"[{DurationText.Format(SimulatorOptions.Default.HeartbeatInterval)}]",
        $"PINGPONG 응답을 받은 뒤 다음 PINGPONG을 보낼 때까지의 시간. [{DurationText.Format(SimulatorOptions.Default.HeartbeatInterval)}]"));
    private readonly Option<TimeSpan?> _heartbeatTimeout = CommonOptions.DurationOrOff("--heartbeat-timeout", UiText.Of(
        "Close a client that does not answer a heartbeat within this time. "
            + $"[{DurationText.Format(SimulatorOptions.Default.HeartbeatTimeout)}]",
        $"이 시간 안에 PINGPONG에 응답하지 않는 클라이언트의 연결을 끊음. [{DurationText.Format(SimulatorOptions.Default.HeartbeatTimeout)}]"));
    private readonly ChoiceOption<Strictness> _pong = new(
        "--pong", UiText.Of(
            "Disconnect a client that sends pong frames without a heartbeat, or ignore such frames. [strict]",
            "PINGPONG 없이 pong 프레임을 보내는 클라이언트를 끊을지(strict), 무시할지(lenient). [strict]"), preset: null);
    private readonly ChoiceOption<Strictness> _requests = new(
        "--requests", UiText.Of(
            "Refuse requests whose tr_type or tr_key is a JSON number, or accept them. [strict]",
            "tr_type이나 tr_key가 JSON 숫자인 요청을 거부할지(strict), 받아들일지(lenient). [strict]"), preset: null);
    private readonly ChoiceOption<ConnectionEnding> _inUse = new(
        "--in-use",
        UiText.Of(
            "How a connection ends after ALREADY IN USE appkey: without a close frame, or with one of status 1000.",
            "ALREADY IN USE appkey를 보낸 뒤 연결을 끝내는 방법: close 프레임 없이, 또는 상태 코드 1000의 close 프레임으로."),
        ConnectionEnding.Abort);
    private readonly SwitchOption _lenient = new("--lenient", UiText.Of(
        "The same as --heartbeat-timeout off --pong lenient --requests lenient.",
        "--heartbeat-timeout off --pong lenient --requests lenient와 같음."));

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
