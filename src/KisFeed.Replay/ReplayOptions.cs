using System.Net;
using KisFeed.Capture;
using KisFeed.Server;
using Microsoft.Extensions.Logging;

namespace KisFeed.Replay;

/// <summary>How a replay server is set up. Only the capture has to be given.</summary>
public sealed record ReplayOptions
{
    /// <summary>The capture. Its own bounds do not matter: see <see cref="From"/> and <see cref="To"/>.</summary>
    public required CaptureReader Capture { get; init; }

    /// <summary>The TCP port of both REST and WebSocket. 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The IP address to listen at, or <c>localhost</c>. Default 127.0.0.1: the socket is not encrypted, so it stays on the machine.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// Origins of web pages that may use the server beside those of its own address, as browsers send them: <c>https://charts.example</c>. Their hosts are names by which it may be addressed, beside IP addresses and
    /// <c>localhost</c>. Default none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// How many times as fast as the frames were received they are sent, at least 0.001. Default 1. <see cref="ReplaySpeed.Unlimited"/> for as fast as the slowest client takes them.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>Frames received before this are left out. Default none.</summary>
    public CaptureTime? From { get; init; }

    /// <summary>Frames received at this or later are left out. Default none.</summary>
    public CaptureTime? To { get; init; }

    /// <summary>Whether the capture begins again at its end. The time stamps in its frames then go back. Default no.</summary>
    public bool Loop { get; init; }

    /// <summary>
    /// With how many registrations the replay begins. Default <see langword="null"/>: as soon as there is one, and none has come for a second, so that who registers for one
    /// key after the other misses nothing.
    /// </summary>
    public int? Wait { get; init; }

    /// <summary>The only app key that is valid. Default: any of plausible form, 6 to 64 letters, digits, hyphens and underscores.</summary>
    public string? AppKey { get; init; }

    /// <summary>The only app secret that is valid. Default: any of plausible form, 6 to 400 characters of base64.</summary>
    public string? AppSecret { get; init; }

    /// <summary>Registrations that a session may have, all feeds together. Default 41, as the service has it.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>The time between heartbeats; <see cref="Timeout.InfiniteTimeSpan"/> for none. A client need not answer them. Default 10 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the replay waits for a client that does not read before it cuts the connection. Meanwhile nobody of the same clock gets frames, and nothing is dropped; what
    /// has fallen due comes at once afterwards. Default 10 seconds.
    /// </summary>
    public TimeSpan SlowClientLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; neither secrets nor HTS IDs ever are. Default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The options without the secret.</summary>
    public override string ToString() => $"ReplayOptions {{ Address = {Address}, Port = {Port}, Speed = {Speed}, From = {From}, To = {To}, Loop = {Loop} }}";

    internal ReplaySettings Settings => new() { Speed = Speed, From = From, To = To, Loop = Loop, Wait = Wait };

    /// <summary>Says what is wrong with the options and what to set, and gives the address where nothing is.</summary>
    /// <exception cref="ArgumentException">An option has a value that cannot be.</exception>
    internal IPAddress Validate()
    {
        Require(Capture is not null, nameof(Capture), "being null: set a reader of a capture");
        Require(Port is >= 0 and <= 65535, nameof(Port), $"being {Port}: set a TCP port, or 0 for a free one");
        Require(ListenAddress.TryParse(Address, out var address), nameof(Address), $"being {Address}: set an IP address, or localhost");
        Require(AllowedOrigins is not null, nameof(AllowedOrigins), "being null: leave it out to allow none");
        Require(ReplaySpeed.IsPossible(Speed), nameof(Speed), $"being {Speed}: set at least 0.001, or ReplaySpeed.Unlimited");
        Require(Wait is null or > 0, nameof(Wait), $"being {Wait}: set at least 1, or null");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), $"being {MaxRegistrations}: set at least 1");
        Require(HeartbeatInterval > TimeSpan.Zero || HeartbeatInterval == Timeout.InfiniteTimeSpan, nameof(HeartbeatInterval), $"being {HeartbeatInterval}: set more than zero, or Timeout.InfiniteTimeSpan for no heartbeats");
        Require(SlowClientLimit > TimeSpan.Zero, nameof(SlowClientLimit), $"being {SlowClientLimit}: set more than zero");
        return address!;
    }

    private static void Require(bool condition, string option, string message)
    {
        if (!condition)
            throw new ArgumentException($"the option {option} cannot be used, {message}", option);
    }
}
