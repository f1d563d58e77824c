using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Cli.Replaying;

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
