using System.Net;
using KisFeed.Feeds;
using KisFeed.Simulator.Market;
using KisFeed.Wire;

namespace KisFeed.Simulator;

/// <summary>The options of a simulator. Start from <see cref="Default"/> and change options with <c>with</c>.</summary>
public sealed record SimulatorOptions : BrokerServerOptions
{
    /// <summary>The default options.</summary>
    public static SimulatorOptions Default { get; } = new();

    /// <summary>
    /// The feeds. Of one that the market does not model, such as that of a program's own record type, the records are generated from its
    /// columns. Default: all feeds of the library.
    /// </summary>
    // The catalog is created when it is first used: that takes milliseconds, and a program that starts may never need it.
    public FeedCatalog Catalog
    {
        get => field ?? KisFeeds.Catalog;
        init;
    }

    /// <summary>The seed of the market. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Market events per second of market time, over all registered instruments. Most events produce one record; an event of a stock
    /// produces one on each of its feeds. Market time runs at the speed of the clock times <see cref="Speed"/>. May be less than 1.
    /// <see cref="double.PositiveInfinity"/> runs the market as fast as the machine and the slowest client can. Default: 50.
    /// </summary>
    public double Rate { get; init; } = 50;

    /// <summary>
    /// Seconds of market time per second of the clock: with 60, the day takes six and a half minutes, with 60 times as many events per
    /// second. The data and their order stay the same. Heartbeats, limits and faults use the time of the clock. Must not be set with an
    /// unlimited <see cref="Rate"/>. Default: 1.
    /// </summary>
    public double Speed { get; init; } = 1;

    /// <summary>
    /// Whether the market continues at 09:00 of the next trading day when a day is over. The day is stated to clients of this library.
    /// Default: no; then no more data are sent, and connections stay open.
    /// </summary>
    public bool Loop { get; init; }

    /// <summary>
    /// The time of day in Korea at which the market starts: from 09:00 and before 15:30. The cumulative quantities include trading up to
    /// then. A simulator restarted later the same day with the same seed and rate continues: cumulative quantities never decrease. To
    /// continue with the clock, use <see cref="MarketHours.TimeOfDayAt"/>. The later the time and the higher the rate, the longer the first
    /// registration of each key takes. Default: 09:00.
    /// </summary>
    public TimeOnly StartAt { get; init; } = MarketHours.Opening;

    /// <summary>The only HTS ID that has an account, case-sensitive. Default: every well-formed HTS ID has one.</summary>
    public string? HtsId { get; init; }

    /// <summary>
    /// How long a client has to answer a heartbeat before it is closed. With <see cref="Timeout.InfiniteTimeSpan"/> clients need not
    /// answer. An answer is any text, binary, ping or pong frame whose tr_id is PINGPONG. Default: 10 seconds.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a client may send pong frames that answer no heartbeat, as the keep-alive of many WebSocket libraries does. Default: no, the
    /// connection is cut, as most reports say of the broker.
    /// </summary>
    public bool AllowUnsolicitedPongs { get; init; }

    /// <summary>
    /// Whether <c>tr_type</c> and <c>tr_key</c> of a request may be JSON numbers. Default: no, such a request is refused.
    /// </summary>
    public bool AllowNumbers { get; init; }

    /// <summary>
    /// How a connection ends after the refusal <c>OPSP8996</c> (ALREADY IN USE appkey). Default:
    /// <see cref="ConnectionEnding.Abort"/>; the broker's behavior is unknown.
    /// </summary>
    public ConnectionEnding AppKeyInUseEnding { get; init; } = ConnectionEnding.Abort;

    /// <summary>
    /// The minimum time between two approval keys of one app key. Earlier requests are refused with EGW00201. Default: zero, no limit.
    /// </summary>
    public TimeSpan ApprovalInterval { get; init; }

    /// <summary>The faults. Change them at run time with <see cref="SimulatorServer.SetFaults"/>. Default: none.</summary>
    public SimulatorFaults Faults { get; init; } = SimulatorFaults.None;

    /// <summary>
    /// Whether faults can be inspected and set, and connections cut and silenced, over HTTP at <c>/admin</c> on the same port. These
    /// endpoints serve this machine only and show no secrets. Default: no.
    /// </summary>
    public bool Admin { get; init; }

    /// <summary>Returns the options without the secret.</summary>
    public override string ToString() => $"SimulatorOptions {{ Address = {Address}, Port = {Port}, Seed = {Seed}, Rate = {Rate} }}";

    /// <summary>Validates the options and returns the listen address.</summary>
    /// <exception cref="ArgumentException">An option is not valid. The message says what to set.</exception>
    internal IPAddress Validate()
    {
        var address = ValidateCommon();
        Require(Rate > 0, nameof(Rate), $"it is {Rate}; set market events per second, more than zero");
        Require(
            Speed > 0 && double.IsFinite(Speed),
            nameof(Speed),
            $"it is {Speed}; set seconds of market time per second of the clock, more than zero");
        Require(
            double.IsFinite(Rate) || Speed is 1,
            nameof(Speed),
            $"it is {Speed} at an unlimited rate, which goes as fast as it can; leave Speed out or set a finite Rate");
        Require(
            StartAt >= MarketHours.Opening && StartAt < MarketHours.Close,
            nameof(StartAt),
            $"it is {StartAt:HH:mm:ss}; set a time from 09:00 and before 15:30");
        var eventsBefore = double.IsPositiveInfinity(Rate) ? 0 : (StartAt - MarketHours.Opening).TotalSeconds * Rate;
        Require(
            eventsBefore < KoreanMarket.MaxStepsBefore,
            nameof(StartAt),
            $"it is {StartAt:HH:mm:ss} at {Rate} events per second; set an earlier time or a lower rate");
        Require(
            IsInterval(HeartbeatTimeout),
            nameof(HeartbeatTimeout),
            $"it is {HeartbeatTimeout}; set more than zero, or Timeout.InfiniteTimeSpan for clients that need not answer");
        Require(
            Enum.IsDefined(AppKeyInUseEnding),
            nameof(AppKeyInUseEnding),
            $"it is {AppKeyInUseEnding}; set one of {string.Join(", ", Enum.GetNames<ConnectionEnding>())}");
        Require(ApprovalInterval >= TimeSpan.Zero, nameof(ApprovalInterval), $"it is {ApprovalInterval}; set zero or more");
        Require(Faults is not null, nameof(Faults), "it is null; set SimulatorFaults.None for none");
        Faults!.Validate(nameof(Faults));
        return address;
    }
}

/// <summary>How a server ends a connection.</summary>
public enum ConnectionEnding
{
    /// <summary>With a close frame of status 1000.</summary>
    Close,

    /// <summary>Without a close frame, after all queued messages have been sent.</summary>
    Abort,
}
