using KisFeed.Simulator;
using KisFeed.Simulator.Market;

namespace KisFeed.Cli.Options;

/// <summary>Options of the commands that run a simulator or a replay.</summary>
internal static class SimulatorCommandOptions
{
    private const string Unlimited = "max";
    private const string Now = "now";
    private static readonly string[] s_timesOfDay = ["HH:mm", "HH:mm:ss"];

    public static Option<double> Rate(string description)
    {
        return ParsedOption.WithDefault<double>(
            "--rate", "N|max", description, SimulatorOptions.Default.Rate, TryParse,
            text => UiText.Of(
                $"'{text}' is not a valid rate. Use a number above 0, or {Unlimited}.",
                $"'{text}': 올바른 속도가 아닙니다. 0보다 큰 숫자나 {Unlimited}를 쓰세요."));

        static bool TryParse(string text, out double rate)
        {
            rate = double.PositiveInfinity;
            return text.Equals(Unlimited, StringComparison.OrdinalIgnoreCase) || ParsedOption.TryParseNumber(text, out rate);
        }
    }

    /// <summary><c>--speed</c> of a market: how fast its time runs, as a multiple of real time.</summary>
    public static Option<double> MarketSpeed() => ParsedOption.WithDefault<double>(
        "--speed",
        "N",
        UiText.Of(
            "The speed of market time, as a multiple of real time; --rate counts per second of market time. Heartbeats and timeouts do "
                + "not change.",
            "가상 시장의 배속. --rate는 가상 시장의 1초를 기준으로 합니다. PINGPONG과 제한 시간은 그대로입니다."),
        SimulatorOptions.Default.Speed,
        ParsedOption.TryParseNumber,
        text => UiText.Of(
            $"'{text}' is not a valid speed. Use a number above 0, such as 60.",
            $"'{text}': 올바른 배속이 아닙니다. 60처럼 0보다 큰 숫자를 쓰세요."));

    /// <summary><c>--speed</c> of a replay, as a multiple of the original.</summary>
    public static Option<double> ReplaySpeed(string description) => ParsedOption.WithDefault<double>(
        "--speed",
        "N|max",
        description,
        1,
        Simulator.Replay.ReplaySpeed.TryParse,
        text => UiText.Of(
            $"'{text}' is not a valid speed. Use a number of at least 0.001, e.g. 1, 10 or 0.5, or max.",
            $"'{text}': 올바른 배속이 아닙니다. 1, 10, 0.5처럼 0.001 이상의 숫자나 max를 쓰세요."));

    public static Option<int> Seed(int preset) => Seed(preset, UiText.Of(
        "The seed of the market: the same seed gives the same market.",
        "가상 시장의 시드. 시드가 같으면 시장도 같습니다."));

    public static Option<int> Seed(int preset, string description) =>
        new ValueOption<int>("--seed", "N", description) { DefaultValueFactory = _ => preset };

    public static Option<TimeOnly?> Start(TimeProvider time)
    {
        return ParsedOption.Create<TimeOnly>(
            "--start",
            "HH:MM[:SS]|now",
            UiText.Of(
                "The time of day at which the market starts; cumulative quantities include earlier trades. 'now' uses the current time "
                    + "in Korea, so a restarted simulator continues the day; outside trading hours, trading hours repeat. [09:00, the "
                    + "opening]",
                "가상 시장이 시작하는 시각. 누적 수량에는 그 전의 거래도 들어 있습니다. 'now'는 현재 한국 시각이어서 시뮬레이터를 다시 시작해도 그날이 이어집니다. 거래 시간 밖에서는 거래 시간을 되풀이합니다. "
                    + "[09:00, 개장]"),
            TryParse,
            text => UiText.Of(
                $"'{text}' is not a valid start time. Use a time from {MarketHours.Opening:HH:mm} and before {MarketHours.Close:HH:mm}, "
                    + $"e.g. 09:30, or {Now}.",
                $"'{text}': 올바른 시작 시각이 아닙니다. {MarketHours.Opening:HH:mm}부터 {MarketHours.Close:HH:mm} 전까지의 시각(예: 09:30)이나 {Now}를 쓰세요."));

        bool TryParse(string text, out TimeOnly start)
        {
            start = MarketHours.TimeOfDayAt(time.GetUtcNow());
            return text.Equals(Now, StringComparison.OrdinalIgnoreCase)
                || (TimeOnly.TryParseExact(text, s_timesOfDay, CultureInfo.InvariantCulture, DateTimeStyles.None, out start)
                    && start >= MarketHours.Opening && start < MarketHours.Close);
        }
    }

    public static Option<SimulatorFaults> Faults()
    {
        var width = SimulatorFaults.Kinds.Max(kind => kind.ToString().Length);
        var kinds = SimulatorFaults.Kinds.Select(kind => $"{kind.ToString().PadRight(width)}  {MeaningOf(kind)}");
        var option = new Option<SimulatorFaults>("--fault")
        {
            Description = string.Join('\n', [UiText.Of(
                "Inject a fault to test a client against; may be repeated:",
                "클라이언트를 시험할 장애를 일으킴. 여러 번 쓸 수 있습니다."), .. kinds]),
            HelpName = "NAME[=VALUE]",
            Arity = ArgumentArity.OneOrMore,
        };
        option.CustomParser = result =>
        {
            if (!SimulatorFaults.TryParse(result.Tokens.Select(token => token.Value), out var faults, out var error))
                result.AddError($"{error}.");
            return faults;
        };
        option.CompletionSources.Add(_ => SimulatorFaults.Kinds.Select(kind => kind.ValueForm is null ? kind.Name : $"{kind.Name}="));
        return option;
    }

    private static string MeaningOf(SimulatorFaultKind kind) => UiText.Of(kind.Meaning, kind.Name switch
    {
        "drop-after" => "데이터 프레임 N개를 보낸 뒤 닫기 절차 없이 연결을 끊음",
        "silent-after" => "데이터 프레임 N개를 보낸 뒤 연결은 둔 채 아무것도 보내지 않음",
        "bad-utf8" => "데이터 프레임 다음에 UTF-8이 깨진 사본을 보냄",
        "garbage" => "데이터 프레임 다음에 읽을 수 없는 메시지를 보냄",
        "kick-on-connect" => "처음 N개의 웹소켓 연결을 받자마자 닫음",
        "duplicate-ack" => "모든 등록 응답을 두 번 보냄",
        "lose-ack" => "요청을 처리하고 응답하지 않음",
        "reorder-ack" => "200ms 안에 다음 요청이 오면 그 뒤에 응답함",
        "slow-ack" => "이 시간 뒤에 요청을 처리하고 응답함",
        "refuse" => "등록을 OPSP0008 같은 코드로 거부함. COUNT를 쓰면 처음 COUNT번만",
        "grow-columns" => "모든 레코드에 컬럼 N개를 덧붙임",
        "other-customer" => "주문 통보의 고객 ID를 HTS ID와 다르게 씀",
        "split-frames" => "메시지마다 여러 웹소켓 조각으로 나눠 보냄",
        "mixed-keys" => "여러 키의 레코드를 한 프레임에 보냄",
        "approval-fails" => "처음 N번의 접속키 요청에 HTTP 500으로 답함",
        "hold-app-key" => "닫기 절차 없이 끝난 세션의 앱키를 이 시간 동안 사용 중으로 둠",
        _ => kind.Meaning,
    });
}
