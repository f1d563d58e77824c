using System.Text.Json;

namespace KisFeed.Hostile.Tests.Peers;

/// <summary>What consumers hold, according to the status of their gateway.</summary>
internal static class Holdings
{
    // The gateway's TCP timeout is a minute; the default of Linux is a quarter of an hour.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The numbers of connections, streams and registrations.</summary>
    public static (int Connections, int Streams, int Registrations) Of(JsonElement status)
    {
        var totals = status.GetProperty("totals");
        return (totals.GetProperty("connections").GetInt32(), totals.GetProperty("streams").GetInt32(),
            totals.GetProperty("consumerRegistrations").GetInt32());
    }

    /// <summary>The size of everything that waits for consumers.</summary>
    public static long QueuedBytesOf(JsonElement status) =>
        status.GetProperty("consumers").EnumerateArray().Sum(consumer => consumer.GetProperty("waiting").GetProperty("bytes").GetInt64());

    /// <summary>Waits until nobody holds anything.</summary>
    public static async Task EndedAsync(Func<Task<JsonElement>> statusAsync)
    {
        using var deadline = new CancellationTokenSource(s_limit);
        while (await statusAsync() is var status
            && (Of(status) != (0, 0, 0)
                || status.GetProperty("consumers").EnumerateArray().Any(consumer => consumer.GetProperty("connections").GetInt32() != 0)))
        {
            deadline.IsCancellationRequested.ShouldBeFalse($"consumers that have vanished still hold something: {Of(status)}");
            await Task.Delay(s_pause, CancellationToken.None);
        }
    }
}
