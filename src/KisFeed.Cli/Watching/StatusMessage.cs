using System.Globalization;

namespace KisFeed.Cli.Watching;

/// <summary>Something that people should know of connections and subscriptions.</summary>
/// <param name="Text">What has happened.</param>
/// <param name="NextAttemptAt">When it is attempted to connect again, while that is waited for.</param>
internal sealed record StatusMessage(string Text, DateTimeOffset? NextAttemptAt = null)
{
    /// <summary>The whole text, as it reads at a moment.</summary>
    public string At(DateTimeOffset now)
    {
        if (NextAttemptAt is not { } next)
            return Text;
        var wait = next - now;
        if (wait <= TimeSpan.Zero)
            return $"{Text}; connecting …";
        return wait < TimeSpan.FromSeconds(100)
            ? string.Create(CultureInfo.InvariantCulture, $"{Text}; next attempt in {Math.Ceiling(wait.TotalSeconds):0} s")
            : string.Create(CultureInfo.InvariantCulture, $"{Text}; next attempt in {Math.Ceiling(wait.TotalMinutes):0} min");
    }
}
