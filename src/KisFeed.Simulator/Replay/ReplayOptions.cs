using System.Globalization;
using System.Net;
using KisFeed.Capture;
using KisFeed.Server.Http;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator.Replay;

/// <summary>The options of a replay server. Only the capture is required.</summary>
public sealed record ReplayOptions
{
    /// <summary>The capture. Its own time bounds are ignored; use <see cref="From"/> and <see cref="To"/>.</summary>
    public required CaptureReader Capture { get; init; }

    /// <summary>The TCP port of both REST and WebSocket. Default: 0, which chooses a free port.</summary>
    public int Port { get; init; }

    /// <summary>The IP address to listen on, or <c>localhost</c>. Default: 127.0.0.1, because the connection is not encrypted.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// The origins of web pages that may use the server, in addition to its own, in the form that browsers send: <c>https://charts.example</c>.
    /// Requests may also address the server by the host names of these origins, in addition to IP addresses and <c>localhost</c>. Default: none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// The factor of the original speed, at least 0.001. Default: 1. <see cref="ReplaySpeed.Unlimited"/> sends frames as fast as the slowest client
    /// reads them.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>Frames received before this time are skipped. Default: none.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Frames received at this time or later are skipped. Default: none.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>Whether to restart the capture at its end. The timestamps in its frames then go back. Default: no.</summary>
    public bool Loop { get; init; }

    /// <summary>
    /// The number of registrations with which the replay starts. Default: <see langword="null"/>, which starts when there is a registration and no
    /// new one was made for a second, so that a client that registers its keys one after the other misses nothing.
    /// </summary>
    public int? Wait { get; init; }

    /// <summary>The only app key that is valid. Default: any of plausible form, 6 to 64 letters, digits, hyphens and underscores.</summary>
    public string? AppKey { get; init; }

    /// <summary>The only app secret that is valid. Default: any of plausible form, 6 to 400 characters of base64.</summary>
    public string? AppSecret { get; init; }

    /// <summary>The maximum number of registrations of a session, over all feeds. Default: 41, the broker's limit.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>
    /// The form of the records in the broker's protocol: <c>2025</c> or <c>2024</c> for the columns of that year, the number of columns of each feed, e.g.
    /// <c>H0STCNT0=46,H0STASP0=59</c>, and <c>single</c> to send each record in a frame of its own; several are separated by commas. A client's address may
    /// name another: <c>ws://127.0.0.1:21000/revision/2025,single</c>. Default: as the broker sends them.
    /// </summary>
    public string? Revision { get; init; }

    /// <summary>
    /// Whether each registration of an order notice has an AES key and IV of its own. Which of the two the broker does is unknown. Default: no, one pair
    /// for each session, which serves clients that keep one pair as well as those that keep one for each registration.
    /// </summary>
    public bool AesPerRegistration { get; init; }

    /// <summary>
    /// The time between heartbeats. <see cref="Timeout.InfiniteTimeSpan"/> disables them. Clients need not answer them. Default: 10 seconds.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the replay waits for a client that does not read before it cuts the connection. Meanwhile no client of the same clock gets frames.
    /// Nothing is dropped; frames that became due are sent immediately afterwards. Default: 10 seconds.
    /// </summary>
    public TimeSpan SlowClientLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock. Default: the system clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The logger factory. Secrets and HTS IDs are never logged. Default: no logging.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Returns the options without the secret.</summary>
    public override string ToString() => $"ReplayOptions {{ Address = {Address}, Port = {Port}, Speed = {Speed}, From = {From}, To = {To}, Loop = {Loop} }}";

    internal ReplaySettings Settings => new() { Speed = Speed, From = From, To = To, Loop = Loop, Wait = Wait };

    /// <summary>Validates the options and returns the listen address.</summary>
    /// <exception cref="ArgumentException">An option is not valid. The message says what to set.</exception>
    internal IPAddress Validate()
    {
        Require(Capture is not null, nameof(Capture), "it is null; set a reader of a capture");
        Require(Port is >= 0 and <= 65535, nameof(Port), $"it is {Port}; set a TCP port, or 0 for a free one");
        Require(ListenAddress.TryParse(Address, out var address), nameof(Address), $"it is {Address}; set an IP address, or localhost");
        Require(AllowedOrigins is not null, nameof(AllowedOrigins), "it is null; leave it out to allow none");
        Require(ReplaySpeed.IsValid(Speed), nameof(Speed), $"it is {Speed}; set at least 0.001, or ReplaySpeed.Unlimited");
        Require(Wait is null or > 0, nameof(Wait), $"it is {Wait}; set at least 1, or null");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), $"it is {MaxRegistrations}; set at least 1");
        Require(HeartbeatInterval > TimeSpan.Zero || HeartbeatInterval == Timeout.InfiniteTimeSpan, nameof(HeartbeatInterval), $"it is {HeartbeatInterval}; set more than zero, or Timeout.InfiniteTimeSpan for no heartbeats");
        Require(SlowClientLimit > TimeSpan.Zero, nameof(SlowClientLimit), $"it is {SlowClientLimit}; set more than zero");
        return address!;
    }

    private static void Require(bool condition, string option, string message)
    {
        if (!condition)
            throw new ArgumentException($"the option {option} is not valid: {message}", option);
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
            || (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out speed) && IsValid(speed) && double.IsFinite(speed));
    }

    // At lower speeds a day takes years, and times overflow.
    internal static bool IsValid(double speed) => speed >= 0.001;
}
