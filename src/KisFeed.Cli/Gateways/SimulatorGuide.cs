using KisFeed.Simulator;

namespace KisFeed.Cli.Gateways;

/// <summary>The guide that a simulator prints at its start: how to connect a client.</summary>
internal static class SimulatorGuide
{
    // Any credentials of this form are accepted unless the options set others.
    private const string AnyAppKey = "SIMULATORAPPKEY000000000000000000000";
    private const string AnyAppSecret = "SIMULATORAPPSECRET0000000000000000000000000000000000";
    private const string AnyHtsId = "MYHTSID";

    public static void Write(TextWriter output, SimulatorServer server, SimulatorOptions options)
    {
        var socket = server.WebSocketUrl.GetLeftPart(UriPartial.Authority);
        var rest = server.RestUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine(UiText.Of(
            $"KisFeed simulator: the broker's protocol and a simulated market, seed {options.Seed}, {RateOf(options)}.",
            $"KisFeed 시뮬레이터: 증권사 프로토콜, 가상 시장, 시드 {options.Seed}, {RateOf(options)}."));
        var end = options.Loop
            ? UiText.Of("continues with the next day after 15:30", "15:30이 지나면 다음 날로 이어집니다")
            : UiText.Of(
                "no data is sent after 15:30; --loop continues with the next day",
                "15:30부터는 데이터가 없습니다. 다음 날로 이어 가려면 --loop를 쓰세요");
        output.WriteLine(UiText.Of(
            $"Market time starts at {options.StartAt:HH:mm}, and {end}.",
            $"가상 시장은 {options.StartAt:HH:mm}에 시작하고 {end}."));
        output.WriteLine();
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        if (options.Admin)
        {
            output.WriteLine(UiText.Of(
                $"  Faults     {rest}{SimulatorServer.AdminPath}",
                $"  장애       {rest}{SimulatorServer.AdminPath}"));
        }
        if (options.Faults != SimulatorFaults.None)
        {
            output.WriteLine();
            output.WriteLine(UiText.Of($"Faults: {options.Faults}", $"장애: {options.Faults}"));
        }

        output.WriteLine();
        output.WriteLine(UiText.Of("Watch it from another terminal:", "다른 터미널에서 보기:"));
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, options.AppKey is null ? AnyAppKey : "'the --appkey'")}");
        output.WriteLine(
            $"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, options.AppSecret is null ? AnyAppSecret : "'the --appsecret'")}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.HtsIdVariable, options.HtsId is null ? AnyHtsId : "'the --htsid'")}");
        output.WriteLine("  kisfeed watch index:0001 bond:KR103502GA34 program:005930 notice");
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        if (options.AppKey is null && options.AppSecret is null)
        {
            output.WriteLine(UiText.Of(
                "Any app key of 6 to 64 letters and digits and any secret of 6 characters or more are accepted.",
                "영문자와 숫자 6~64자의 앱키와 6자 이상의 시크릿이면 모두 받습니다."));
        }
        if (!options.AllowUnsolicitedPongs)
        {
            output.WriteLine(UiText.Of(
                "Like the broker, the simulator disconnects a client that sends pong frames without a heartbeat (.NET: set "
                    + "KeepAliveInterval",
                "증권사와 마찬가지로 PINGPONG 없이 pong 프레임을 보내는 클라이언트는 연결을 끊습니다(.NET에서는 KeepAliveInterval을"));
            output.WriteLine(UiText.Of(
                "to zero). --pong lenient ignores such frames; --lenient also accepts clients that do not answer heartbeats.",
                "0으로 두세요). --pong lenient는 그런 프레임을 무시하고, --lenient는 PINGPONG에 응답하지 않는 클라이언트도 받습니다."));
        }

        output.WriteLine();
        output.WriteLine(UiText.Of("Press Ctrl-C to stop.", "끝내려면 Ctrl-C를 누르세요."));
    }

    private static string RateOf(SimulatorOptions options)
    {
        if (double.IsPositiveInfinity(options.Rate))
            return UiText.Of("market events as fast as possible", "가능한 한 빠르게");
        return options.Speed is 1
            ? UiText.Of($"{options.Rate} market events per second", $"초당 {options.Rate}건")
            : UiText.Of(
                $"{options.Rate} market events per second of market time, which runs {options.Speed} times as fast as real time",
                $"실제보다 {options.Speed}배 빠른 가상 시장의 1초당 {options.Rate}건");
    }
}
