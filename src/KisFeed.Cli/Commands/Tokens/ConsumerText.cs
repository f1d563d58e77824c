using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;

namespace KisFeed.Cli.Commands.Tokens;

/// <summary>Describes a consumer of the gateway, without its credentials.</summary>
internal static class ConsumerText
{
    private const string All = "all";

    /// <summary>Its feeds, by alias.</summary>
    public static string FeedsOf(Consumer consumer)
    {
        if (consumer.Feeds is not { } feeds)
            return All;
        return feeds.IsEmpty
            ? "none"
            : string.Join(", ", feeds.Select(trId => KisFeeds.Catalog.TryFind(trId, out var feed) ? FeedNames.NameOf(feed) : trId));
    }

    /// <summary>Its rights, as the rest of a sentence that starts with its name.</summary>
    public static string RightsOf(Consumer consumer)
    {
        var feeds = consumer.Feeds is null ? "all feeds" : FeedsOf(consumer);
        var notices = !consumer.Notices ? "but no order notices"
            : consumer.HtsIds is { } ids ? $"and the order notices of {string.Join(", ", ids)}"
            : "and order notices";
        var others = consumer.Operator ? ", and see what all others do" : "";
        var until = consumer.ExpiresAt is { } expires ? $", until {TimeOf(expires)}" : "";
        return $"may register for {feeds} {notices}{others}{until}";
    }

    /// <summary>A time in UTC.</summary>
    public static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes it as JSON members; <c>feeds</c> is <see langword="null"/> for all.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Consumer consumer)
    {
        json.WriteString("name"u8, consumer.Name);
        json.WriteStrings("feeds", consumer.Feeds);
        json.WriteBoolean("notices"u8, consumer.Notices);
        json.WriteStrings("htsIds", consumer.HtsIds);
        json.WriteStartObject("limits"u8);
        ItemJson.WriteCount(json, "places"u8, consumer.Quota.Places);
        ItemJson.WriteCount(json, "connections"u8, consumer.Quota.Connections);
        ItemJson.WriteCount(json, "requestsPerSecond"u8, consumer.Quota.RequestsPerSecond);
        json.WriteEndObject();
        json.WriteBoolean("operator"u8, consumer.Operator);
        json.WriteString("created"u8, TimeOf(consumer.CreatedAt));
        WriteTime(json, "expires"u8, consumer.ExpiresAt);
        WriteTime(json, "previousUntil"u8, consumer.Previous?.Until);
    }

    /// <summary>Its own limits, e.g. <c>20 places, 8 connections</c>.</summary>
    public static string LimitsOf(Consumer consumer) => consumer.Quota == ConsumerQuota.None ? "default" : string.Join(
        ", ",
        new[]
        {
            consumer.Quota.Places is { } places ? $"{places} places" : null,
            consumer.Quota.Connections is { } connections ? $"{connections} connections" : null,
            consumer.Quota.RequestsPerSecond is { } requests ? $"{requests} requests/s" : null,
        }.OfType<string>());

    /// <summary>Writes a time or <see langword="null"/>.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? time)
    {
        if (time is { } moment)
            json.WriteString(name, TimeOf(moment));
        else
            json.WriteNull(name);
    }
}
