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
        output.WriteLine("KisFeed replay: a capture in the broker's protocol, "
            + $"{SpeedOf(options)}{BoundsOf(options)}{(options.Loop ? ", in a loop" : "")}.");
        output.WriteLine();
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine("Watch it from another terminal:");
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, options.AppKey is null ? AnyAppKey : "'the --appkey'")}");
        output.WriteLine(
            $"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, options.AppSecret is null ? AnyAppSecret : "'the --appsecret'")}");
        output.WriteLine("  kisfeed watch index:0001");
        output.WriteLine();
        output.WriteLine(options.Wait is { } wait
            ? $"It starts with {CountText.Of(wait, "registration")}, and pauses while there are none."
            : "It starts one second after the last of the first registrations, and pauses while there are none.");
        output.WriteLine("A client can have its own clock, by the query of its address:");
        output.WriteLine($"  {socket}{KisEndpoints.WebSocketPath}?from=09:00&to=10:30&speed=max");
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine("Press Ctrl-C to stop.");
    }

    private static string SpeedOf(ReplayOptions options) => options.Speed switch
    {
        1 => "at original speed",
        double.PositiveInfinity => "at the speed of the slowest client",
        var speed => $"at {speed} times the original speed",
    };

    private static string BoundsOf(ReplayOptions options) =>
        (options.From is { } from ? $", from {from}" : "") + (options.To is { } to ? $", to {to}" : "");
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
