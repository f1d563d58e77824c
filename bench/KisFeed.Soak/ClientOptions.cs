using Microsoft.Extensions.Logging;

namespace KisFeed.Soak;

/// <summary>The client's options: it reconnects quickly and never gives up.</summary>
internal static class ClientOptions
{
    private const string AppSecret = "c29haw==c29haw==c29haw==c29haw==c29haw==";

    public static KisFeedOptions For(int sessions, Uri url, TimeProvider clock, ILoggerFactory log)
    {
        var keys = Enumerable.Range(1, sessions)
            .Select(i => new AppCredentials { AppKey = $"PSsoak{i:D30}", AppSecret = AppSecret, HtsId = SubscriptionPlan.Account(i) })
            .ToArray();
        return new KisFeedOptions
        {
            AppKey = keys[0].AppKey,
            AppSecret = keys[0].AppSecret,
            HtsId = keys[0].HtsId,
            AdditionalAppKeys = keys[1..],
            WebSocketUrl = url,
            WatchdogTimeout = TimeSpan.FromSeconds(3),
            ReplyTimeout = TimeSpan.FromSeconds(3),
            RequestInterval = TimeSpan.FromMilliseconds(1),
            QueueCapacity = 1_000,
            Reconnect = new ReconnectPolicy
            {
                InitialDelay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromMilliseconds(500),
                AttemptsPerMinute = 10_000,
                AttemptsPerHour = 100_000,
                MaxRefusedDelay = TimeSpan.FromMilliseconds(500),
                AppKeyInUseDelay = TimeSpan.FromMilliseconds(100),
            },
            TimeProvider = clock,
            LoggerFactory = log,
        };
    }
}
