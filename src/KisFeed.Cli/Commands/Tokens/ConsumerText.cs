using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
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
        return UiText.Of($"may register for {feeds} {notices}{others}{until}", KoreanRightsOf(consumer));
    }

    private static string KoreanRightsOf(Consumer consumer)
    {
        var feeds = consumer.Feeds is null ? "모든 피드" : $"피드 {FeedsOf(consumer)}";
        var notices = !consumer.Notices ? "주문 통보 제외"
            : consumer.HtsIds is { } ids ? $"{string.Join(", ", ids)}의 주문 통보 포함"
            : "주문 통보 포함";
        var others = consumer.Operator ? ", 다른 소비자의 상태도 볼 수 있음" : "";
        var until = consumer.ExpiresAt is { } expires ? $", {TimeOf(expires)}까지" : "";
        return $"{feeds}, {notices}{others}{until}";
    }

    /// <summary>A time in UTC.</summary>
    public static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time in UTC, or <see langword="null"/>.</summary>
    public static string? TimeOf(DateTimeOffset? time) => time is { } moment ? TimeOf(moment) : null;

    /// <summary>Returns it as JSON, to which more members may be added; <c>feeds</c> is <see langword="null"/> for all.</summary>
    public static JsonObject ToJson(Consumer consumer)
    {
        var json = new ConsumerJson(
            consumer.Name, consumer.Feeds, consumer.Notices, consumer.HtsIds, consumer.Quota, consumer.Operator,
            TimeOf(consumer.CreatedAt), TimeOf(consumer.ExpiresAt), TimeOf(consumer.Previous?.Until));
        return JsonSerializer.SerializeToNode(json, TokensJson.Default.ConsumerJson)!.AsObject();
    }

    /// <summary>Its own limits, e.g. <c>20 slots, 8 connections</c>.</summary>
    public static string LimitsOf(Consumer consumer) => consumer.Quota == ConsumerQuota.None ? "default" : string.Join(
        ", ",
        new[]
        {
            consumer.Quota.Slots is { } slots ? $"{slots} slots" : null,
            consumer.Quota.Connections is { } connections ? $"{connections} connections" : null,
            consumer.Quota.RequestsPerSecond is { } requests ? $"{requests} requests/s" : null,
        }.OfType<string>());
}

internal sealed record ConsumerJson(
    string Name, ImmutableArray<string>? Feeds, bool Notices, ImmutableArray<string>? HtsIds, ConsumerQuota Limits, bool Operator,
    string Created, string? Expires, string? PreviousUntil);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConsumerJson))]
[JsonSerializable(typeof(TokenLinkJson))]
internal sealed partial class TokensJson : JsonSerializerContext;
