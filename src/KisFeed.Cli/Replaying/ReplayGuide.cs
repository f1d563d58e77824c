using System.Globalization;
using KisFeed.Cli.Captures;
using KisFeed.Cli.Options;
using KisFeed.Cli.Output;
using KisFeed.Replay;
using KisFeed.Wire;

namespace KisFeed.Cli.Replaying;

/// <summary>Says how to point a client at a replay, and when it begins.</summary>
internal static class ReplayGuide
{
    // Of the form that the server takes where none are prescribed.
    private const string AnyAppKey = "REPLAYAPPKEY000000000000000000000000";
    private const string AnyAppSecret = "REPLAYAPPSECRET0000000000000000000000000000000000000";

    public static void Write(TextWriter output, ReplayServer server, ReplayOptions options)
    {
        var socket = server.WebSocketUrl.GetLeftPart(UriPartial.Authority);
        output.WriteLine($"KisFeed replay: the broker's protocol and what was recorded, {SpeedOf(options)}{BoundsOf(options)}{(options.Loop ? ", again and again" : "")}.");
        output.WriteLine();
        AddressGuide.WriteAddresses(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine("Watch it from another terminal:");
        output.WriteLine();
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.UrlVariable, socket)}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppKeyVariable, options.AppKey is null ? AnyAppKey : "'the --appkey'")}");
        output.WriteLine($"  {ShellVariable.Line(ServiceSettings.AppSecretVariable, options.AppSecret is null ? AnyAppSecret : "'the --appsecret'")}");
        output.WriteLine("  kisfeed watch index:0001");
        output.WriteLine();
        output.WriteLine(options.Wait is { } wait
            ? $"It begins when {CountText.Of(wait, "registration stands", "registrations stand")}, and stands still while there is none."
            : "It begins a second after the last of the first registrations, and stands still while there is none.");
        output.WriteLine("A client whose address says so has a clock of its own:");
        output.WriteLine($"  {socket}{KisEndpoints.WebSocketPath}?from=09:00&to=10:30&speed=max");
        output.WriteLine();
        AddressGuide.WriteChanges(output, server.RestUrl, server.WebSocketUrl);
        output.WriteLine();
        output.WriteLine("Ctrl-C ends it.");
    }

    private static string SpeedOf(ReplayOptions options) => options.Speed switch
    {
        1 => "as fast as it was",
        double.PositiveInfinity => "as fast as the slowest client",
        var speed => string.Create(CultureInfo.InvariantCulture, $"{speed} times as fast as it was"),
    };

    private static string BoundsOf(ReplayOptions options) =>
        (options.From is { } from ? $", from {from}" : "") + (options.To is { } to ? $", to {to}" : "");
}

/// <summary>Where a replay is, in a line: the time in the capture in Korea, what has been sent, and how fast.</summary>
internal sealed class ReplayStatus(TimeProvider time, Func<(DateTimeOffset? Position, long Frames)> read)
{
    private long _since = time.GetTimestamp();
    private long _frames;

    /// <summary>The line; the rate is that since it was asked for last.</summary>
    public string Next()
    {
        var (position, frames) = read();
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_since, now).TotalSeconds;
        var rate = seconds > 0 ? (frames - _frames) / seconds : 0;
        (_since, _frames) = (now, frames);
        var invariant = CultureInfo.InvariantCulture;
        return position is { } at
            ? string.Create(invariant, $"at {KoreaTime.From(at):yyyy-MM-dd HH:mm:ss}, {frames:N0} frames sent, {rate:N0} a second")
            : "waits for registrations";
    }
}
