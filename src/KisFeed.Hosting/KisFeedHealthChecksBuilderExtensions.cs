using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KisFeed.Hosting;

/// <summary>Adds health checks of KisFeed clients.</summary>
public static class KisFeedHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of a client. Healthy: every session is connected, or has no registrations, and every registration is confirmed.
    /// Degraded: a session reconnects, a registration is not confirmed, a declared subscription has failed, or data are overdue
    /// (<see cref="KisFeedHealthOptions.MaxSilence"/>). Unhealthy: every session has ended. The result has no secrets and no keys of
    /// order notices.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="client">The name of the client; <see langword="null"/> for the unnamed one.</param>
    /// <param name="configure">The options of the check.</param>
    /// <param name="name">The name of the check. Default: <c>kisfeed</c>, or <c>kisfeed:NAME</c> for a named client.</param>
    /// <param name="failureStatus">The status instead of unhealthy. Default: unhealthy.</param>
    /// <param name="tags">The tags of the check. Default: none.</param>
    /// <exception cref="ArgumentException">The limit is not positive.</exception>
    /// <exception cref="InvalidOperationException">There is no such client: call <c>AddKisFeed</c> before.</exception>
    public static IHealthChecksBuilder AddKisFeed(
        this IHealthChecksBuilder builder,
        string? client = null,
        Func<KisFeedHealthOptions, KisFeedHealthOptions>? configure = null,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var feeds = KisFeedServiceCollectionExtensions.ClientsIn(builder.Services)?.Find(client ?? "")
            ?? throw new InvalidOperationException(client is null
                ? "There is no unnamed client: call AddKisFeed() on the services before, or name the client."
                : $"There is no client '{client}': call AddKisFeed(\"{client}\") on the services before.");
        var options = configure?.Invoke(new KisFeedHealthOptions()) ?? new KisFeedHealthOptions();
        if (options.MaxSilence <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"{nameof(KisFeedHealthOptions.MaxSilence)} is {options.MaxSilence}: it must be positive", nameof(configure));
        }

        // One instance, which remembers since when a session has had no data.
        KisFeedHealthCheck? check = null;
        return builder.Add(new HealthCheckRegistration(
            name ?? (client is null ? "kisfeed" : $"kisfeed:{client}"),
            services => LazyInitializer.EnsureInitialized(ref check, () => new KisFeedHealthCheck(
                feeds.Resolve<IKisFeedClient>(services), feeds, options, services.GetService<TimeProvider>() ?? TimeProvider.System)),
            failureStatus,
            tags));
    }
}
