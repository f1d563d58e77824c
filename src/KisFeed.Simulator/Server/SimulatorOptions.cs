using System.Net;
using KisFeed.Server;
using KisFeed.Simulator.Market;
using Microsoft.Extensions.Logging;

namespace KisFeed.Simulator;

/// <summary>How a simulator is set up. <see cref="Default"/> needs nothing to be said; change what differs with <c>with</c>.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The options as they are when nothing is said.</summary>
    public static SimulatorOptions Default { get; } = new();

    /// <summary>The TCP port of both REST and WebSocket. 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The IP address to listen at, or <c>localhost</c>. Default 127.0.0.1: the socket is not encrypted, so it stays on the machine.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// Origins of web pages that may use the server beside those of its own address, as browsers send them: <c>https://charts.example</c>. Their hosts are names by which it may be addressed, beside IP addresses and
    /// <c>localhost</c>. Default none.
    /// </summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>What everything in the market is derived from. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Events in each second of market time over everything that somebody is registered for; most bring one record, an event of a stock one on each of
    /// its feeds. Market time goes as fast as the clock, times <see cref="Speed"/>. Default 50; may be less than 1;
    /// <see cref="double.PositiveInfinity"/> for as fast as the machine and the slowest client go, market time
    /// with it.
    /// </summary>
    public double Rate { get; init; } = 50;

    /// <summary>
    /// Seconds of market time in a second of the clock: with 60 the day takes six and a half minutes, and every second brings 60 times as many events. What is sent, and in which order,
    /// stays the same. Heartbeats, limits and faults keep the time of the clock. Default 1. With an unlimited <see cref="Rate"/> it cannot be set.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>
    /// Whether the market goes on with the next trading day, at 09:00, when a day is over. Default no: no more data come then, and
    /// connections stay open. Records have a time of day without a date, so two days in one capture cannot be told apart by it.
    /// </summary>
    public bool Loop { get; init; }

    /// <summary>
    /// The time of day in Korea at which the market starts: from 09:00, the default, and before 15:30. What has been traded by then is in the cumulative
    /// quantities, more of it than the same seed and rate can have told of by then. So a simulator that is started again, at a time of day that the
    /// market of the one before had not passed, goes on with the day; <see cref="MarketHours.TimeOfDayAt"/> gives such times. The
    /// further from the opening and the higher the rate, the longer the first registration of each key takes.
    /// </summary>
    public TimeOnly StartAt { get; init; } = MarketHours.Opening;

    /// <summary>The only app key that is valid. Default: any of plausible form, 6 to 64 letters, digits, hyphens and underscores.</summary>
    public string? AppKey { get; init; }

    /// <summary>The only app secret that is valid. Default: any of plausible form, 6 to 400 characters of base64.</summary>
    public string? AppSecret { get; init; }

    /// <summary>The only HTS ID that has an account, case-sensitive. Default: every well-formed one has.</summary>
    public string? HtsId { get; init; }

    /// <summary>Registrations that a session may have, all feeds together. Default 41, as the service has it.</summary>
    public int MaxRegistrations { get; init; } = 41;

    /// <summary>
    /// How long after the answer to one heartbeat the next is sent, or after the heartbeat itself where <see cref="HeartbeatTimeout"/> requires no answer; <see cref="Timeout.InfiniteTimeSpan"/> for no heartbeats.
    /// Default 10 seconds.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client has to answer a heartbeat before it is closed; <see cref="Timeout.InfiniteTimeSpan"/> for clients that need not answer. An answer is any text, binary, ping or pong frame whose JSON names PINGPONG.
    /// Default 10 seconds.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a client may send pong frames that answer no heartbeat, as the keep-alive of many WebSocket libraries does. Default no: its connection is cut, as most reports say of the broker.
    /// </summary>
    public bool AllowUnsolicitedPongs { get; init; }

    /// <summary>Whether <c>tr_type</c> and <c>tr_key</c> of a request may be JSON numbers. Default no: such a request is refused.</summary>
    public bool AllowNumbers { get; init; }

    /// <summary>How a connection ends after the refusal <c>OPSP8996</c> (ALREADY IN USE appkey). Default <see cref="ConnectionEnding.Abort"/>; what the broker does is not known.</summary>
    public ConnectionEnding AppKeyInUseEnding { get; init; } = ConnectionEnding.Abort;

    /// <summary>The least time between two approval keys of one app key; sooner is refused with EGW00201. Default zero: no limit.</summary>
    public TimeSpan ApprovalInterval { get; init; }

    /// <summary>
    /// How long the market waits for a client that does not read, at any rate, before it cuts the connection. Meanwhile nobody gets ticks,
    /// and nothing is dropped. Default 10 seconds.
    /// </summary>
    public TimeSpan SlowClientLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How it misbehaves. Default not at all. To be changed while it runs with <see cref="SimulatorServer.SetFaults"/>.</summary>
    public SimulatorFaults Faults { get; init; } = SimulatorFaults.None;

    /// <summary>
    /// Whether faults can be seen and set over HTTP while it runs, and connections cut and silenced, at <c>/admin</c> on the same port. Only this
    /// machine is served there, and nothing secret shown. Default no.
    /// </summary>
    public bool Admin { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; secrets never are. Default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The options without the secret.</summary>
    public override string ToString() => $"SimulatorOptions {{ Address = {Address}, Port = {Port}, Seed = {Seed}, Rate = {Rate} }}";

    /// <summary>Says what is wrong with the options and what to set, and gives the address where nothing is.</summary>
    /// <exception cref="ArgumentException">An option has a value that cannot be.</exception>
    internal IPAddress Validate()
    {
        Require(Port is >= 0 and <= 65535, nameof(Port), $"being {Port}: set a TCP port, or 0 for a free one");
        Require(ListenAddress.TryParse(Address, out var address), nameof(Address), $"being {Address}: set an IP address, or localhost");
        Require(AllowedOrigins is not null, nameof(AllowedOrigins), "being null: leave it out to allow none");
        Require(Rate > 0, nameof(Rate), $"being {Rate}: set market events a second, more than zero");
        Require(Speed > 0 && double.IsFinite(Speed), nameof(Speed), $"being {Speed}: set seconds of market time in a second of the clock, more than zero");
        Require(double.IsFinite(Rate) || Speed is 1, nameof(Speed), $"being {Speed} at an unlimited rate, which goes as fast as it can: leave Speed out or set a finite Rate");
        Require(StartAt >= MarketHours.Opening && StartAt < MarketHours.Close, nameof(StartAt), $"being {StartAt:HH:mm:ss}: set a time from 09:00 and before 15:30");
        var eventsBefore = double.IsPositiveInfinity(Rate) ? 0 : (StartAt - MarketHours.Opening).TotalSeconds * Rate;
        Require(eventsBefore < KoreanMarket.MostStepsBefore, nameof(StartAt), $"being {StartAt:HH:mm:ss} at {Rate} events a second: set an earlier time or a lower rate");
        Require(MaxRegistrations > 0, nameof(MaxRegistrations), $"being {MaxRegistrations}: set at least 1");
        Require(IsInterval(HeartbeatInterval), nameof(HeartbeatInterval), $"being {HeartbeatInterval}: set more than zero, or Timeout.InfiniteTimeSpan for no heartbeats");
        Require(IsInterval(HeartbeatTimeout), nameof(HeartbeatTimeout), $"being {HeartbeatTimeout}: set more than zero, or Timeout.InfiniteTimeSpan for clients that need not answer");
        Require(Enum.IsDefined(AppKeyInUseEnding), nameof(AppKeyInUseEnding), $"being {AppKeyInUseEnding}: set one of {string.Join(", ", Enum.GetNames<ConnectionEnding>())}");
        Require(ApprovalInterval >= TimeSpan.Zero, nameof(ApprovalInterval), $"being {ApprovalInterval}: set zero or more");
        Require(SlowClientLimit > TimeSpan.Zero, nameof(SlowClientLimit), $"being {SlowClientLimit}: set more than zero");
        Require(Faults is not null, nameof(Faults), "being null: set SimulatorFaults.None for none");
        Faults!.Validate(nameof(Faults));
        return address!;
    }

    private static bool IsInterval(TimeSpan time) => time > TimeSpan.Zero || time == Timeout.InfiniteTimeSpan;

    private static void Require(bool condition, string option, string message)
    {
        if (!condition)
            throw new ArgumentException($"the option {option} cannot be used, {message}", option);
    }
}

/// <summary>How a server ends a connection.</summary>
public enum ConnectionEnding
{
    /// <summary>With a close frame of status 1000.</summary>
    Close,

    /// <summary>Without a close frame, once everything queued has been sent.</summary>
    Abort,
}
