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
        return feeds.IsEmpty ? "none" : string.Join(", ", feeds.Select(trId => KisFeeds.Catalog.TryFind(trId, out var feed) ? FeedNames.NameOf(feed) : trId));
    }

    /// <summary>Its rights, as the rest of a sentence that starts with its name.</summary>
    public static string RightsOf(Consumer consumer) =>
        $"may register for {(consumer.Feeds is null ? "all feeds" : FeedsOf(consumer))} {(!consumer.Notices ? "but no order notices" : consumer.HtsIds is { } ids ? $"and the order notices of {string.Join(", ", ids)}" : "and order notices")}{(consumer.Operator ? ", and see what all others do" : "")}{(consumer.ExpiresAt is { } expires ? $", until {TimeOf(expires)}" : "")}";

    /// <summary>A time in UTC.</summary>
    public static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes it as JSON members; <c>feeds</c> is <see langword="null"/> for all.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Consumer consumer)
    {
        json.WriteString("name"u8, consumer.Name);
        if (consumer.Feeds is { } feeds)
        {
            json.WriteStartArray("feeds"u8);
            foreach (var trId in feeds)
                json.WriteStringValue(trId);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("feeds"u8);
        }

        json.WriteBoolean("notices"u8, consumer.Notices);
        if (consumer.HtsIds is { } htsIds)
        {
            json.WriteStartArray("htsIds"u8);
            foreach (var id in htsIds)
                json.WriteStringValue(id);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("htsIds"u8);
        }

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

/// <summary>Writes the new credentials of a consumer. They are shown only once.</summary>
internal static class TokenOutput
{
    public static async Task WriteAsync(CommandHost host, ReportFormat format, Consumer consumer, ConsumerCredentials credentials, CancellationToken cancellationToken)
    {
        if (format == ReportFormat.Text)
        {
            await using var output = host.OpenText();
            foreach (var (name, value) in new[] { (ServiceSettings.AppKeyVariable, credentials.AppKey), (ServiceSettings.AppSecretVariable, credentials.AppSecret) })
                await output.WriteAsync($"{ShellVariable.Line(name, value)}\n");
            return;
        }

        using var lines = new JsonLines(host.Output);
        var json = lines.Begin();
        ConsumerText.WriteMembers(json, consumer);
        json.WriteString("appKey"u8, credentials.AppKey);
        json.WriteString("appSecret"u8, credentials.AppSecret);
        lines.End();
        await lines.FlushAsync(cancellationToken);
    }
}
