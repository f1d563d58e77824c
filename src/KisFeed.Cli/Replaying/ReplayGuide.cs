using KisFeed.Simulator.Replay;

namespace KisFeed.Cli.Replaying;

/// <summary>The guide that a replay prints at its start: how to connect a client, and when the replay starts.</summary>
internal static class ReplayGuide
{
    // Any credentials of this form are accepted unless the options set others.
    private const string AnyAppKey = "REPLAYAPPKEY000000000000000000000000";
    private const string AnyAppSecret = "REPLAYAPPSECRET0000000000000000000000000000000000000";

    public static void Write(TextWriter output, ReplayServer server, ReplayOptions options)
    {
        var socket = server.WebSocketUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine(UiText.Of(
            "KisFeed replay: a capture in the broker's protocol, "
                + $"{SpeedOf(options)}{BoundsOf(options)}{(options.Loop ? ", in a loop" : "")}.",
            $"KisFeed 재생: 기록을 증권사 프로토콜로, {SpeedOf(options)}{BoundsOf(options)}{(options.Loop ? ", 반복" : "")}."));
        output.WriteLine();
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine(UiText.Of("Watch it from another terminal:", "다른 터미널에서 보기:"));
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, options.AppKey is null ? AnyAppKey : "'the --appkey'")}");
        output.WriteLine(
            $"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, options.AppSecret is null ? AnyAppSecret : "'the --appsecret'")}");
        output.WriteLine("  kisfeed watch index:0001");
        output.WriteLine();
        output.WriteLine(options.Wait is { } wait
            ? UiText.Of(
                $"It starts with {CountText.Of(wait, "registration")}, and pauses while there are none.",
                $"등록이 {wait:N0}건이 되면 시작하고, 등록이 없는 동안 멈춥니다.")
            : UiText.Of(
                "It starts one second after the last of the first registrations, and pauses while there are none.",
                "첫 등록들이 끝나고 1초 뒤에 시작하고, 등록이 없는 동안 멈춥니다."));
        output.WriteLine(UiText.Of("A client can have its own clock, by the query of its address:", "클라이언트마다 따로 재생하려면 주소에 쿼리를 붙이세요:"));
        output.WriteLine($"  {socket}{KisEndpoints.WebSocketPath}?from=09:00&to=10:30&speed=max");
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine(UiText.Of("Press Ctrl-C to stop.", "끝내려면 Ctrl-C를 누르세요."));
    }

    private static string SpeedOf(ReplayOptions options) => options.Speed switch
    {
        1 => UiText.Of("at original speed", "원래 속도"),
        double.PositiveInfinity => UiText.Of("at the speed of the slowest client", "가장 느린 클라이언트의 속도"),
        var speed => UiText.Of($"at {speed} times the original speed", $"원래 속도의 {speed}배"),
    };

    private static string BoundsOf(ReplayOptions options) =>
        (options.From is { } from ? UiText.Of(
            $", from {from}",
            $", {from}부터") : "") + (options.To is { } to ? UiText.Of($", to {to}", $", {to}까지") : "");
}

/// <summary>The position of a replay as one line: the time in the capture in Korea, frames sent, and the rate.</summary>
internal sealed class ReplayStatus(TimeProvider time, Func<(DateTimeOffset? Position, long Frames)> read)
{
    private readonly RateMeter _rate = new(time);

    public string Next()
    {
        var (position, frames) = read();
        var rate = _rate.Sample(frames);
        var invariant = CultureInfo.InvariantCulture;
        return position is { } at
            ? string.Create(invariant, $"at {KoreaTime.From(at):yyyy-MM-dd HH:mm:ss}, {frames:N0} frames sent, {rate:N0} per second")
            : "waiting for registrations";
    }
}
