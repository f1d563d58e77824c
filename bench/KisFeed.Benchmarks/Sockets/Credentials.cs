using KisFeed.Wire;

namespace KisFeed.Benchmarks.Sockets;

/// <summary>
/// Placeholder credentials. Each session has its own app key, because a service may not have noticed yet
/// that the previous session has ended.
/// </summary>
internal static class Credentials
{
    public static string AppSecret { get; } = new('s', 180);

    public static string NewAppKey() => $"BENCH{Guid.NewGuid():N}"[..36].ToUpperInvariant();

    /// <summary>Connects with default options, but without a delay between requests.</summary>
    public static Task<KisFeedClient> ConnectAsync(Uri url, CancellationToken cancellationToken) =>
        KisFeedClient.ConnectAsync(OptionsFor(url), cancellationToken);

    /// <summary>Default options, but without a delay between requests.</summary>
    public static KisFeedOptions OptionsFor(Uri url) =>
        new() { WebSocketUrl = url, AppKey = NewAppKey(), AppSecret = AppSecret, RequestInterval = TimeSpan.Zero };

    /// <summary>Parses registrations such as <c>H0UPCNT0:0001</c>.</summary>
    public static IEnumerable<(FeedSchema Feed, string Key)> Of(KisFeedClient client, IEnumerable<string> registrations)
    {
        foreach (var registration in registrations)
        {
            var parts = registration.Split(':');
            yield return client.Catalog.TryFind(parts[0], out var feed)
                ? (feed, parts[1])
                : throw new ArgumentException($"no feed has the TR ID {parts[0]}", nameof(registrations));
        }
    }
}
