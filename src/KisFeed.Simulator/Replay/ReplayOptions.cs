using System.Globalization;
using System.Net;
using KisFeed.Capture;

namespace KisFeed.Simulator.Replay;

/// <summary>The options of a replay server. Only the capture is required.</summary>
public sealed record ReplayOptions : BrokerServerOptions
{
    /// <summary>The capture. Its own time bounds are ignored; use <see cref="From"/> and <see cref="To"/>.</summary>
    public required CaptureReader Capture { get; init; }

    /// <summary>
    /// The factor of the original speed, at least 0.001. Default: 1. <see cref="ReplaySpeed.Unlimited"/> sends frames as fast as the
    /// slowest client reads them.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>Frames received before this time are skipped. Default: none.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Frames received at this time or later are skipped. Default: none.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>Whether to restart the capture at its end. The timestamps in its frames then go back. Default: no.</summary>
    public bool Loop { get; init; }

    /// <summary>
    /// The number of registrations with which the replay starts. Default: <see langword="null"/>, which starts when there is a
    /// registration and no new one was made for a second, so that a client that registers its keys one after the other misses nothing.
    /// </summary>
    public int? Wait { get; init; }

    /// <summary>Returns the options without the secret.</summary>
    public override string ToString() =>
        $"ReplayOptions {{ Address = {Address}, Port = {Port}, Speed = {Speed}, From = {From}, To = {To}, Loop = {Loop} }}";

    /// <summary>Validates the options and returns the listen address.</summary>
    /// <exception cref="ArgumentException">An option is not valid. The message says what to set.</exception>
    internal IPAddress Validate()
    {
        var address = ValidateCommon();
        Require(Capture is not null, nameof(Capture), "it is null; set a reader of a capture");
        Require(ReplaySpeed.IsValid(Speed), nameof(Speed), $"it is {Speed}; set at least 0.001, or ReplaySpeed.Unlimited");
        Require(Wait is null or > 0, nameof(Wait), $"it is {Wait}; set at least 1, or null");
        return address;
    }
}

/// <summary>The speed of a replay, as a factor of the original speed.</summary>
public static class ReplaySpeed
{
    /// <summary>As fast as the slowest client or the caller reads the frames.</summary>
    public const double Unlimited = double.PositiveInfinity;

    /// <summary>Parses a positive number, such as <c>1</c>, <c>10</c> or <c>0.5</c>, or <c>max</c>.</summary>
    public static bool TryParse(string? text, out double speed)
    {
        speed = Unlimited;
        return string.Equals(text, "max", StringComparison.OrdinalIgnoreCase)
            || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out speed)
                && IsValid(speed)
                && double.IsFinite(speed));
    }

    // At lower speeds a day takes years, and times overflow.
    internal static bool IsValid(double speed) => speed >= 0.001;
}
