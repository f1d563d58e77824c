using System.Diagnostics.Metrics;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>Where the frames of a gateway come from: a service, or another source of frames, such as a cluster.</summary>
public sealed class GatewaySource
{
    private readonly Func<IMeterFactory, IFrameSource>? _open;

    private GatewaySource(Func<IMeterFactory, IFrameSource>? open = null) => _open = open;

    /// <summary>The service and the app keys for it; <see langword="null"/> if the frames come from elsewhere.</summary>
    public KisFeedOptions? Service { get; private init; }

    /// <summary>The environment, which determines the TR IDs of feeds.</summary>
    public KisEnvironment Environment { get; private init; }

    /// <summary>The number of keys that can be registered at once, over all app keys.</summary>
    public int MaxRegistrations { get; private init; }

    /// <summary>The clock of the times of receipt.</summary>
    internal TimeProvider TimeProvider { get; private init; } = TimeProvider.System;

    /// <summary>The HTS IDs of the app keys. Confidential, except to consumers with the right to order notices.</summary>
    internal IEnumerable<string> HtsIds => Service is { } service
        ? service.AdditionalAppKeys.Select(credentials => credentials.HtsId).Prepend(service.HtsId).OfType<string>()
        : [];

    /// <summary>
    /// A service: the broker's, a simulator, a replay or another gateway. The gateway opens a session for each app key. The service need
    /// not be reachable when the gateway starts.
    /// </summary>
    public static GatewaySource FromService(KisFeedOptions service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return new GatewaySource
        {
            Service = service,
            Environment = service.Environment,
            MaxRegistrations = service.MaxRegistrations * (1 + service.AdditionalAppKeys.Count),
            TimeProvider = service.TimeProvider,
        };
    }

    /// <summary>Another source of frames, which needs no app key.</summary>
    /// <param name="open">Opens the source, with the factory for its meter. The gateway disposes the source.</param>
    /// <param name="environment">The environment, which determines the TR IDs of feeds.</param>
    /// <param name="maxRegistrations">The number of keys that can be registered at once.</param>
    /// <param name="time">The clock of the times of receipt. Default the system clock.</param>
    /// <exception cref="ArgumentException">An argument is not valid.</exception>
    public static GatewaySource FromFrames(
        Func<IMeterFactory, IFrameSource> open, KisEnvironment environment, int maxRegistrations, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(open);
        if (!Enum.IsDefined(environment))
            throw new ArgumentOutOfRangeException(nameof(environment), environment, "the environment is not valid");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRegistrations);
        return new GatewaySource(open)
        {
            Environment = environment,
            MaxRegistrations = maxRegistrations,
            TimeProvider = time ?? TimeProvider.System,
        };
    }

    /// <summary>The client of a program, which shares its sessions with the gateway and is not disposed by it.</summary>
    /// <param name="resolve">Returns the client.</param>
    /// <param name="services">The container of the client.</param>
    /// <param name="service">The options of the client.</param>
    /// <param name="reserved">The number of registrations that the program itself needs.</param>
    internal static GatewaySource FromClient(
        Func<IServiceProvider, IKisFeedClient> resolve, IServiceProvider services, KisFeedOptions service, int reserved) =>
        new(_ => new SharedClient(resolve(services)))
        {
            Service = service,
            Environment = service.Environment,
            MaxRegistrations = Math.Max(1, FromService(service).MaxRegistrations - reserved),
            TimeProvider = service.TimeProvider,
        };

    /// <summary>A service, as <see cref="FromService"/>.</summary>
    public static implicit operator GatewaySource(KisFeedOptions service) => FromService(service);

    /// <summary>The source without secrets.</summary>
    public override string ToString() => Service?.ToString() ?? $"frames ({Environment})";

    /// <summary>Opens the source. The meter of a client is created by the factory of its own options, if there is one.</summary>
    /// <param name="track">Returns a factory whose meters the gateway knows, from one that creates them.</param>
    /// <param name="factory">The factory of the gateway.</param>
    internal IFrameSource Open(Func<IMeterFactory?, IMeterFactory> track, IMeterFactory factory) => _open is not null
        ? _open(factory)
        : KisFeedClient.Start(Service! with { MeterFactory = track(Service.MeterFactory) });

    /// <summary>Whether the environment offers a feed. A simulator offers the feeds of both services.</summary>
    internal bool Has(FeedCatalog catalog, FeedSchema feed) => Has(catalog, feed, Environment);

    /// <summary>Whether one service offers a feed: for a simulator, that of production.</summary>
    internal bool HasInService(FeedCatalog catalog, FeedSchema feed) =>
        Has(catalog, feed, Environment == KisEnvironment.Simulator ? KisEnvironment.Production : Environment);

    private static bool Has(FeedCatalog catalog, FeedSchema feed, KisEnvironment environment)
    {
        try
        {
            return FeedAvailability.Find(catalog, feed, environment).TrId == feed.TrId;
        }
        catch (FeedNotAvailableException)
        {
            return false;
        }
    }
}
